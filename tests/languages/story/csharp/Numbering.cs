public static class Numbering
{
    public static string Number() => Guid.NewGuid().ToString();
}
