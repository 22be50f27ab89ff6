namespace Shop.Loyalty;

public static class Settings
{
    public static decimal PointsPerEuro => decimal.Parse(Environment.GetEnvironmentVariable("POINTS_PER_EURO") ?? "1");
}
