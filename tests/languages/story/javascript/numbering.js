const { randomUUID } = require("node:crypto");

exports.number = () => randomUUID();
