//! Java's calendar: Gregorian from 1582-10-15 on, Julian before.

pub(super) use literal::calendar::{CUTOVER, java_date as date_of};
use literal::calendar::{JULIAN_FOUR_YEARS as FOUR_YEARS, JULIAN_SHIFT as SHIFT, days};

/// The year of [`CUTOVER`].
pub(super) const CUTOVER_YEAR: i64 = 1582;

/// The first day of a month (from 1) in the Gregorian calendar.
pub(super) fn gregorian_first(year: i64, month: u32) -> i64 {
    days(year, month, 1).unwrap_or_default()
}

/// The first day of a month (from 1) in the Julian calendar.
pub(super) fn julian_first(year: i64, month: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let month = (i64::from(month) + 9) % 12;
    year.div_euclid(4) * FOUR_YEARS + year.rem_euclid(4) * 365 + (153 * month + 2) / 5 - SHIFT
}

/// The first of January, of whichever calendar the year began in.
pub(super) fn new_year(year: i64) -> i64 {
    if year <= CUTOVER_YEAR { julian_first(year, 1) } else { gregorian_first(year, 1) }
}

/// The last day on or before this one that is this weekday; Sunday is 1.
pub(super) fn weekday_on_or_before(day: i64, weekday: i64) -> i64 {
    // 1970-01-01 was a Thursday, 5.
    day - (day + 5 - weekday).rem_euclid(7)
}

/// Sunday is 1.
pub(super) fn weekday_of(day: i64) -> i64 {
    (day + 4).rem_euclid(7) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_after_the_fourth_of_october_1582_is_the_fifteenth() {
        assert_eq!(date_of(CUTOVER), (1582, 10, 15));
        assert_eq!(date_of(CUTOVER - 1), (1582, 10, 4));
        assert_eq!(weekday_of(0), 5);
        assert_eq!(weekday_on_or_before(0, 5), 0);
        assert_eq!(weekday_on_or_before(0, 6), -6);
    }

    #[test]
    fn julian_days_come_back() {
        for day in (-1_500_000..CUTOVER).step_by(97) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(julian_first(year, month) + i64::from(of_month) - 1, day);
        }
    }
}
