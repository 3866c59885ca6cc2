// Standard input: a JSON list of calendars. Standard output: of each, its events as ical.js reads them.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

function seen(event) {
  const value = (name) => event.getFirstPropertyValue(name);
  const start = value("dtstart");
  const seconds = (time) => (time.isDate ? Date.UTC(time.year, time.month - 1, time.day) / 1000 : time.toUnixTime());
  const text = (name) => value(name) ?? "";
  return [
    value("uid"),
    seconds(start),
    seconds(value("dtend")),
    start.isDate,
    text("status"),
    text("summary"),
    text("description"),
    text("location"),
  ];
}

// Each calendar's own VTIMEZONEs alone are asked: ical.js knows no zone but UTC unless it is told of one.
const calendars = JSON.parse(readFileSync(0, "utf-8"));
const events = calendars.map((body) => {
  const root = new ICAL.Component(ICAL.parse(body));
  return root.getAllSubcomponents("vevent").map(seen);
});
process.stdout.write(JSON.stringify(events));
