import java.util.UUID;

final class Numbering {
  static String number() {
    return UUID.randomUUID().toString();
  }
}
