package shop.stock;

import java.util.List;

final class Suppliers {
  private static final List<String> NAMES = List.of("north", "south", "west");

  static String pick(String article) {
    return article + "/" + NAMES.get(Lottery.draw(NAMES.size()));
  }
}
