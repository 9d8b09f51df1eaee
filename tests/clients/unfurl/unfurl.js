// Prints what unfurl.js, of its own accord, finds out about the page at an address: JSON on one line.
const { unfurl } = require("unfurl.js");

unfurl(process.argv[2]).then(
  (found) => console.log(JSON.stringify(found)),
  (problem) => { console.error(String(problem)); process.exit(1); },
);
