//! What a moment is in the calendar.

use literal::calendar::{DAY_MS, clock};

use super::julian::{
    CUTOVER_YEAR, date_of, gregorian_first, julian_first, new_year, weekday_of, weekday_on_or_before,
};

/// A moment's day and time of day, and what follows from them.
pub(super) struct Fields {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub ms: i64,
    date: i64,
}

const SUNDAY: i64 = 1;

impl Fields {
    pub fn of(ms: i64) -> Self {
        let date = ms.div_euclid(DAY_MS);
        let (year, month, day) = date_of(date);
        let (hour, minute, second, ms) = clock(ms.rem_euclid(DAY_MS));
        Self { year, month, day, hour, minute, second, ms, date }
    }

    /// Sunday is 1.
    pub fn weekday(&self) -> i64 {
        weekday_of(self.date)
    }

    pub fn day_of_year(&self) -> i64 {
        self.date - new_year(self.year) + 1
    }

    /// The year that the week belongs to: the next one, when the week has a day of it.
    pub fn week_year(&self) -> i64 {
        self.year + i64::from(self.date >= weekday_on_or_before(new_year(self.year + 1), SUNDAY))
    }

    pub fn week_of_year(&self) -> i64 {
        match self.week_year() == self.year {
            true => weeks(new_year(self.year), self.date),
            false => 1,
        }
    }

    pub fn week_of_month(&self) -> i64 {
        weeks(self.first_of_month(), self.date)
    }

    pub fn weekday_in_month(&self) -> i64 {
        (self.date - self.first_of_month()) / 7 + 1
    }

    // The month of the change of calendars began in the old one.
    fn first_of_month(&self) -> i64 {
        match (self.year, self.month) < (CUTOVER_YEAR, 11) {
            true => julian_first(self.year, self.month),
            false => gregorian_first(self.year, self.month),
        }
    }
}

// The number of the week of a date, the week of `first` being 1.
fn weeks(first: i64, date: i64) -> i64 {
    (date - weekday_on_or_before(first, SUNDAY)).div_euclid(7) + 1
}
