const { randomUUID } = require("node:crypto");

exports.labelOf = (order) => `${order}-${numbered()}`;

function numbered() {
  return randomUUID().slice(0, 8);
}
