public sealed record Booking(string City, string Number)
{
    public static Booking Of(string city) => new(city, Numbering.Number());
}
