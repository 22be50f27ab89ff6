namespace Shop.Loyalty;

public static class Tariff
{
    public static int PointsFor(decimal amount) => (int)(amount * Settings.PointsPerEuro);
}
