record Booking(String city, String number) {
  static Booking of(String city) {
    return new Booking(city, Numbering.number());
  }
}
