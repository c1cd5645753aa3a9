//! The fields that a text gave, and the moment that they mean.
//!
//! As in Java, fields may contradict each other and be out of range. The day is found by the way whose last field was given
//! last: day of the month, day of the year, or a weekday in a week of the month or year. What is not given is that of
//! 1970-01-01T00:00:00Z.

use std::cmp::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use literal::calendar::DAY_MS;

use super::julian::{
    CUTOVER, CUTOVER_YEAR, date_of, gregorian_first, julian_first, new_year, weekday_on_or_before,
};

/// A field of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Era,
    Year,
    WeekYear,
    /// From 0.
    Month,
    WeekOfYear,
    WeekOfMonth,
    DayOfYear,
    Day,
    WeekdayInMonth,
    /// Sunday is 1.
    Weekday,
    Half,
    HourOfDay,
    Hour,
    Minute,
    Second,
    Millisecond,
}

const SLOTS: usize = Slot::Millisecond as usize + 1;
const SUNDAY: i64 = 1;

/// Fields, and when they were set: 0 is never.
pub(super) struct Given {
    values: [i32; SLOTS],
    stamps: [u32; SLOTS],
    next: u32,
    zone_minutes: i64,
    /// Two digits were the year that the century turns in; the moment decides.
    turns: bool,
    century_start: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Day,
    DayOfYear,
    WeekOfMonth,
    WeekdayInMonth,
    WeekOfYear,
}

impl Given {
    pub fn new() -> Self {
        Self {
            values: [0; SLOTS],
            stamps: [0; SLOTS],
            next: 1,
            zone_minutes: 0,
            turns: false,
            century_start: None,
        }
    }

    pub fn set(&mut self, slot: Slot, value: i32) {
        self.values[slot as usize] = value;
        self.stamps[slot as usize] = self.next;
        self.next += 1;
    }

    pub fn set_zone(&mut self, minutes_east: i32) {
        self.zone_minutes = minutes_east.into();
    }

    /// The year of two digits: within the hundred years that began 80 years ago.
    pub fn century(&mut self, two_digits: i32) -> i32 {
        let start = eighty_years_ago();
        self.century_start = Some(start);
        let year = date_of(start.div_euclid(DAY_MS)).0 as i32;
        self.turns = two_digits == year % 100;
        two_digits + year / 100 * 100 + if two_digits < year % 100 { 100 } else { 0 }
    }

    fn stamp(&self, slot: Slot) -> u32 {
        self.stamps[slot as usize]
    }

    fn get(&self, slot: Slot) -> Option<i64> {
        (self.stamp(slot) > 0).then(|| self.values[slot as usize].into())
    }

    /// Milliseconds since the epoch.
    pub fn moment(mut self) -> i64 {
        let moment = self.resolve();
        if self.turns && self.century_start.is_some_and(|start| moment < start) {
            for slot in [Slot::Year, Slot::WeekYear] {
                self.values[slot as usize] = self.values[slot as usize].wrapping_add(100);
            }
            return self.resolve();
        }
        moment
    }

    fn resolve(&self) -> i64 {
        let half = self.stamp(Slot::Hour).min(1) * self.stamp(Slot::Half).min(1);
        let by_half = half * self.stamp(Slot::Hour).max(self.stamp(Slot::Half));
        let hour_of_day = self.stamp(Slot::HourOfDay);
        let hour = match hour_of_day > 0 && hour_of_day > by_half {
            true => self.get(Slot::HourOfDay).unwrap_or(0),
            false => self.get(Slot::Hour).unwrap_or(0) + 12 * self.get(Slot::Half).unwrap_or(0),
        };
        let minutes = hour * 60 + self.get(Slot::Minute).unwrap_or(0);
        let seconds = minutes * 60 + self.get(Slot::Second).unwrap_or(0);
        let time = seconds * 1000 + self.get(Slot::Millisecond).unwrap_or(0);
        let date = self.date(time.div_euclid(DAY_MS));
        // Java's numbers wrap as well.
        date.wrapping_mul(DAY_MS)
            .wrapping_add(time.rem_euclid(DAY_MS))
            .wrapping_sub(self.zone_minutes * 60_000)
    }

    // The day since 1970-01-01, `more` days later than the fields say.
    fn date(&self, more: i64) -> i64 {
        let week_year = self.stamp(Slot::WeekYear);
        if week_year > 0 && week_year > self.stamp(Slot::Year) {
            return self.week_date() + more;
        }
        let year = self.get(Slot::Year).unwrap_or(1970);
        let year = if self.get(Slot::Era) == Some(0) { 1 - year } else { year };
        let way = self.way();
        let gregorian = more + self.in_year(year, way, gregorian_first);
        let julian = more + self.in_year(year, way, julian_first);
        let by_year = matches!(way, Way::DayOfYear | Way::WeekOfYear);
        match year.cmp(&CUTOVER_YEAR) {
            Ordering::Greater if gregorian >= CUTOVER => gregorian,
            Ordering::Equal if gregorian >= CUTOVER && !by_year => gregorian,
            _ => julian,
        }
    }

    fn week_date(&self) -> i64 {
        let year = self.get(Slot::WeekYear).unwrap_or(1970);
        let mut week = self.get(Slot::WeekOfYear).unwrap_or(1);
        let mut weekday = self.get(Slot::Weekday).unwrap_or(SUNDAY);
        if !(1..=7).contains(&weekday) {
            // A number that is no weekday counts on from Monday, 1, in the weeks that follow or come before.
            week += (weekday - 1).div_euclid(7);
            weekday = weekday.rem_euclid(7) + 1;
        }
        weekday_on_or_before(new_year(year), SUNDAY) + 7 * (week - 1) + (weekday - SUNDAY)
    }

    fn way(&self) -> Way {
        let both = |a: u32, b: u32| if a == 0 || b == 0 { 0 } else { a.max(b) };
        let stamp = |slot| self.stamp(slot);
        let (weekday, month_week) = (stamp(Slot::Weekday), stamp(Slot::WeekOfMonth));
        let (in_month, year_week) = (stamp(Slot::WeekdayInMonth), stamp(Slot::WeekOfYear));
        let (day, day_of_year) = (stamp(Slot::Day), stamp(Slot::DayOfYear));
        let mut by_week = both(month_week, weekday);
        let mut by_weekday = both(in_month, weekday);
        let mut by_year_week = both(year_week, weekday);
        let mut best = day.max(by_week).max(by_weekday).max(by_year_week).max(day_of_year);
        if best == 0 {
            // No way is whole: a part of one must do.
            (by_week, by_weekday, by_year_week) = (month_week, in_month.max(weekday), year_week);
            best = by_week.max(by_weekday).max(by_year_week);
            if best == 0 {
                return Way::Day;
            }
        }
        if best == day {
            return Way::Day;
        }
        let week_wins = best == by_week && month_week >= year_week;
        if week_wins || best == by_weekday && in_month >= year_week {
            let week_first = if by_week == by_weekday { month_week >= in_month } else { best == by_week };
            return if week_first { Way::WeekOfMonth } else { Way::WeekdayInMonth };
        }
        if best == day_of_year { Way::DayOfYear } else { Way::WeekOfYear }
    }

    fn in_year(&self, year: i64, way: Way, first_of: fn(i64, u32) -> i64) -> i64 {
        let weekday = self.get(Slot::Weekday);
        if matches!(way, Way::DayOfYear | Way::WeekOfYear) {
            let first = first_of(year, 1);
            if way == Way::DayOfYear {
                return first + self.get(Slot::DayOfYear).unwrap_or(1) - 1;
            }
            return week(first, weekday, self.get(Slot::WeekOfYear).unwrap_or(1));
        }
        let month = self.get(Slot::Month).unwrap_or(0);
        let (year, month) = (year + month.div_euclid(12), month.rem_euclid(12) as u32 + 1);
        let first = first_of(year, month);
        match way {
            Way::Day => first + self.get(Slot::Day).unwrap_or(1) - 1,
            Way::WeekOfMonth => week(first, weekday, self.get(Slot::WeekOfMonth).unwrap_or(1)),
            _ => {
                let weekday = weekday.unwrap_or(SUNDAY);
                let which = self.get(Slot::WeekdayInMonth).unwrap_or(1);
                let last = match which >= 0 {
                    true => 7 * which,
                    false => {
                        let next = first_of(year + i64::from(month == 12), month % 12 + 1);
                        next - first + 7 * (which + 1)
                    }
                };
                weekday_on_or_before(first + last - 1, weekday)
            }
        }
    }
}

// A weekday in a week, the week of `first` being 1.
fn week(first: i64, weekday: Option<i64>, number: i64) -> i64 {
    let sunday = weekday_on_or_before(first, SUNDAY);
    weekday.map_or(sunday, |weekday| weekday_on_or_before(sunday + 6, weekday)) + 7 * (number - 1)
}

fn eighty_years_ago() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    let (year, month, day) = date_of(now.div_euclid(DAY_MS));
    let first = gregorian_first(year - 80, month);
    let next = gregorian_first(year - 80 + i64::from(month == 12), month % 12 + 1);
    let then = (first + i64::from(day) - 1).min(next - 1);
    then * DAY_MS + now.rem_euclid(DAY_MS)
}
