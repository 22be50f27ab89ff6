package shop.stock;

import java.util.concurrent.ThreadLocalRandom;

final class Lottery {
  static int draw(int tickets) {
    return ThreadLocalRandom.current().nextInt(tickets);
  }
}
