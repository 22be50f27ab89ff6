const { number } = require("./numbering");

exports.bookingOf = (city) => ({ city, number: number() });
