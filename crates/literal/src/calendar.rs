//! Dates of the proleptic Gregorian calendar and of Java's, in UTC, without a limit on years; English names of months and
//! weekdays.

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// English names of the months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// English names of the weekdays, from Sunday on.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Year, month (from 1) and day (from 1) of a day since 1970-01-01.
pub fn civil(days: i64) -> (i64, u32, u32) {
    // Eras of 400 years from 0000-03-01, so that the leap day ends a year (H. Hinnant's algorithm).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// The day since 1970-01-01; `None` when there is no such date.
pub fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    if !(1..=12).contains(&month) || day == 0 || day > 31 {
        return None;
    }
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_of_year = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_of_year + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    // The 31st of a shorter month would be a day of the next.
    (civil(days) == (year, month, day)).then_some(days)
}

/// The first day of the Gregorian calendar in Java's `Date` and `GregorianCalendar`: 1582-10-15, in days since 1970-01-01.
pub const CUTOVER: i64 = -141_427;

/// Days from 0000-03-01 of the Julian calendar to 1970-01-01.
pub const JULIAN_SHIFT: i64 = 719_470;
/// Days of four years of the Julian calendar.
pub const JULIAN_FOUR_YEARS: i64 = 1461;

/// Year (0 is the one before 1), month (from 1) and day (from 1) of a day since 1970-01-01 in Java's calendar: Gregorian
/// from [`CUTOVER`] on, Julian before.
pub fn java_date(day: i64) -> (i64, u32, u32) {
    if day >= CUTOVER {
        return civil(day);
    }
    // Years begin in March, so that the leap day is the last of four years.
    let shifted = day + JULIAN_SHIFT;
    let (era, day_of_era) = (shifted.div_euclid(JULIAN_FOUR_YEARS), shifted.rem_euclid(JULIAN_FOUR_YEARS));
    let year_of_era = (day_of_era / 365).min(3);
    let day_of_year = day_of_era - 365 * year_of_era;
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (4 * era + year_of_era + i64::from(month <= 2), month as u32, day as u32)
}

/// Hour, minute, second and millisecond of a day's millisecond.
pub fn clock(ms: i64) -> (i64, i64, i64, i64) {
    (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates() {
        for (day, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (8037, (1992, 1, 3)),
            (11016, (2000, 2, 29)),
            (-719_528, (0, 1, 1)),
            (2_932_896, (9999, 12, 31)),
        ] {
            assert_eq!(civil(day), date);
            assert_eq!(days(date.0, date.1, date.2), Some(day));
        }
        for date in [(2001, 2, 29), (1900, 2, 29), (2000, 13, 1), (2000, 4, 31), (2000, 1, 0), (2000, 0, 1)] {
            assert_eq!(days(date.0, date.1, date.2), None, "{date:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_day_comes_back(day in -1_000_000_000i64..1_000_000_000) {
            let (year, month, day_of_month) = civil(day);
            proptest::prop_assert_eq!(days(year, month, day_of_month), Some(day));
        }
    }
}
