//! Dates with a time of day, as the API writes them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{self, date};
use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A date and time of day with the offset from UTC, if any, that it was written with.
///
/// Reads RFC 3339 (`2010-10-19T09:40:58.7363769+02:00`), and also what RFC 3339 leaves out but
/// the API sends: no offset (`0001-01-01T00:00:00`). Years are 1 to 9999. It is written exactly as
/// it was read: the same offset (`Z` and `+00:00` stay different) and the same number of
/// digits after the second (at most nine).
///
/// Values are ordered by the instant they name, one without an offset as if it were UTC. They are equal
/// only if they are written alike, so of two names of one instant neither is equal to the
/// other: the order among them is fixed but means nothing.
///
/// ```
/// use chat_models::DateTime;
///
/// let text = "2010-10-19T09:40:58.7363769+02:00";
/// let requested: DateTime = text.parse()?;
/// assert_eq!(requested.to_string(), text);
/// assert_eq!(requested.to_timestamp().unwrap().to_string(), "2010-10-19T07:40:58.7363769Z");
/// # Ok::<(), chat_models::DateTimeError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct DateTime {
    civil: civil::DateTime,
    /// How many digits of the fraction are written.
    digits: u8,
    zone: Zone,
}

/// What follows the time of day.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Zone {
    Absent,
    /// `Z`
    Zulu,
    /// `-00:00`, with which RFC 3339 says that the local offset is unknown.
    Unknown,
    /// `+02:00`, in minutes.
    Minutes(i16),
}

/// Why a text is no [`DateTime`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateTimeError(&'static str);

/// The largest offset that can be written.
const LAST_MINUTE: i32 = 23 * 60 + 59;

const DEFAULT: DateTime =
    DateTime { civil: civil::DateTime::constant(1, 1, 1, 0, 0, 0, 0), digits: 0, zone: Zone::Absent };

impl DateTime {
    /// The instant as a clock at `offset` shows it, with as many digits as it needs. Whole minutes of
    /// the offset count, up to 23:59. What falls outside the years 1 to 9999 becomes the nearest end.
    pub fn from_timestamp(timestamp: Timestamp, offset: Offset) -> Self {
        let minutes = offset.seconds().div_euclid(60).clamp(-LAST_MINUTE, LAST_MINUTE);
        let offset = Offset::from_seconds(minutes * 60).unwrap_or(Offset::UTC);
        let civil = offset.to_datetime(timestamp);
        let first = date(1, 1, 1).at(0, 0, 0, 0);
        let civil = civil.max(first);
        let zone = match i16::try_from(minutes) {
            Ok(minutes) if minutes != 0 => Zone::Minutes(minutes),
            _ => Zone::Zulu,
        };
        Self { civil, digits: needed_digits(civil.subsec_nanosecond()), zone }
    }

    /// A date and time without an offset, with as many digits as it needs; `None` outside the
    /// years 1 to 9999.
    pub fn from_civil(civil: civil::DateTime) -> Option<Self> {
        let digits = needed_digits(civil.subsec_nanosecond());
        (civil.year() >= 1).then_some(Self { civil, digits, zone: Zone::Absent })
    }

    /// The instant; `None` without an offset, and at the very ends of the range.
    pub fn to_timestamp(self) -> Option<Timestamp> {
        self.offset()?.to_timestamp(self.civil).ok()
    }

    /// The instant, where a missing offset means `assumed`; `None` at the very ends of the range.
    pub fn to_timestamp_assuming(self, assumed: Offset) -> Option<Timestamp> {
        self.offset().unwrap_or(assumed).to_timestamp(self.civil).ok()
    }

    /// The same instant as a clock at `offset` shows it; `None` where it has no offset yet.
    /// The number of digits stays.
    pub fn at_offset(self, offset: Offset) -> Option<Self> {
        let moved = Self::from_timestamp(self.to_timestamp()?, offset);
        Some(Self { digits: self.digits.max(moved.digits), ..moved })
    }

    /// With `+00:00` in place of `Z`: RFC 9557 (section 2.2) lets `Z` say that UTC is known and the local offset is
    /// not, and `+00:00` that clocks at the place show UTC.
    #[must_use]
    pub fn with_numeric_offset(self) -> Self {
        match self.zone {
            Zone::Zulu => Self { zone: Zone::Minutes(0), ..self },
            _ => self,
        }
    }

    /// The date and time of day as they are written.
    pub fn civil(self) -> civil::DateTime {
        self.civil
    }

    /// The offset from UTC, if it is written.
    pub fn offset(self) -> Option<Offset> {
        match self.zone {
            Zone::Absent => None,
            Zone::Zulu | Zone::Unknown => Some(Offset::UTC),
            Zone::Minutes(minutes) => Offset::from_seconds(i32::from(minutes) * 60).ok(),
        }
    }

    /// Cut to `digits` digits after the second, or filled up with zeros; at most nine.
    #[must_use]
    pub fn with_digits(self, digits: u8) -> Self {
        let digits = digits.min(9);
        let unit = 10_i32.pow(u32::from(9 - digits));
        let nanosecond = self.civil.subsec_nanosecond() / unit * unit;
        let civil = self.civil.with().subsec_nanosecond(nanosecond).build().unwrap_or(self.civil);
        Self { civil, digits, ..self }
    }

    /// Seconds since 1970 and nanoseconds, without the limits of [`Timestamp`].
    fn instant(self) -> (i64, i32) {
        // Days since 0000-03-01, with years that start in March: February's length comes last.
        let (year, month, day) =
            (i64::from(self.civil.year()), i64::from(self.civil.month()), i64::from(self.civil.day()));
        let year = if month <= 2 { year - 1 } else { year };
        let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year - 719_468;
        let in_day =
            i64::from(self.civil.hour()) * 3600 + i64::from(self.civil.minute()) * 60 + i64::from(self.civil.second());
        let minutes = if let Zone::Minutes(minutes) = self.zone { i64::from(minutes) } else { 0 };
        (days * 86_400 + in_day - minutes * 60, self.civil.subsec_nanosecond())
    }
}

impl Default for DateTime {
    /// `0001-01-01T00:00:00`, which the API sends for a date that is not set.
    fn default() -> Self {
        DEFAULT
    }
}

impl From<&Zoned> for DateTime {
    fn from(zoned: &Zoned) -> Self {
        Self::from_timestamp(zoned.timestamp(), zoned.offset())
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |value: &Self| (value.instant(), value.zone, value.digits);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for DateTime {
    /// As it is written: its parts say less.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DateTime({self})")
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.civil.date(), self.civil.time());
        write!(f, "{:04}-{:02}-{:02}T", date.year(), date.month(), date.day())?;
        write!(f, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        if self.digits > 0 {
            let fraction = time.subsec_nanosecond() / 10_i32.pow(u32::from(9 - self.digits));
            write!(f, ".{fraction:0width$}", width = usize::from(self.digits))?;
        }
        match self.zone {
            Zone::Absent => Ok(()),
            Zone::Zulu => f.write_str("Z"),
            Zone::Unknown => f.write_str("-00:00"),
            Zone::Minutes(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl FromStr for DateTime {
    type Err = DateTimeError;

    fn from_str(text: &str) -> Result<Self, DateTimeError> {
        // Only ASCII is valid, so positions are characters.
        if text.len() < 19 || !text.is_ascii() {
            return Err(DateTimeError("expected a form like `2010-10-19T09:40:58+02:00`"));
        }
        let (head, tail) = text.split_at(19);
        if !separated(head) {
            return Err(DateTimeError("expected a form like `2010-10-19T09:40:58+02:00`"));
        }
        let [year, month, day, hour, minute, second] =
            [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].map(|range| number(&head[range]));
        let year = year.ok_or(DateTimeError("the year is no number"))?;
        let (Some(month), Some(day)) = (month, day) else { return Err(DateTimeError("the date has no numbers")) };
        let (Some(hour), Some(minute), Some(second)) = (hour, minute, second) else {
            return Err(DateTimeError("the time of day has no numbers"));
        };
        if year == 0 {
            return Err(DateTimeError("years start at 0001"));
        }
        let (digits, nanosecond, tail) = fraction(tail)?;
        let zone = zone(tail)?;
        // Two digits each, so they fit.
        let small = |number: i32| i8::try_from(number).unwrap_or(i8::MAX);
        let date = civil::Date::new(i16::try_from(year).unwrap_or(i16::MAX), small(month), small(day))
            .map_err(|_| DateTimeError("there is no such day"))?;
        let time = civil::Time::new(small(hour), small(minute), small(second), nanosecond)
            .map_err(|_| DateTimeError("there is no such time of day"))?;
        Ok(Self { civil: date.to_datetime(time), digits, zone })
    }
}

impl fmt::Display for DateTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid date-time: {}", self.0)
    }
}

impl std::error::Error for DateTimeError {}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = DateTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date-time")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DateTime, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(feature = "utoipa")]
impl utoipa::PartialSchema for DateTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

#[cfg(feature = "utoipa")]
impl utoipa::ToSchema for DateTime {}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for DateTime {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DateTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Whether the separators of `YYYY-MM-DDTHH:MM:SS` stand where they belong.
fn separated(head: &str) -> bool {
    let bytes = head.as_bytes();
    [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')].into_iter().all(|(at, byte)| bytes[at] == byte)
}

/// A number of digits alone: `parse` would accept a sign too.
fn number(text: &str) -> Option<i32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The number of digits, the nanoseconds and the rest.
fn fraction(tail: &str) -> Result<(u8, i32, &str), DateTimeError> {
    let Some(tail) = tail.strip_prefix('.') else { return Ok((0, 0, tail)) };
    let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
    let (digits, rest) = tail.split_at(end);
    let Some((count, value)) = u8::try_from(end).ok().filter(|count| (1..=9).contains(count)).zip(number(digits))
    else {
        return Err(DateTimeError("expected one to nine digits after the second"));
    };
    Ok((count, value * 10_i32.pow(u32::from(9 - count)), rest))
}

fn zone(tail: &str) -> Result<Zone, DateTimeError> {
    const FORM: DateTimeError = DateTimeError("expected an offset like `+02:00` or `Z`, or nothing");
    let sign = match tail.as_bytes() {
        [] => return Ok(Zone::Absent),
        b"Z" => return Ok(Zone::Zulu),
        b"-00:00" => return Ok(Zone::Unknown),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return Err(FORM),
    };
    let (Some(hours), Some(minutes)) = (number(&tail[1..3]), number(&tail[4..6])) else { return Err(FORM) };
    if hours > 23 || minutes > 59 {
        return Err(DateTimeError("the offset is out of range"));
    }
    i16::try_from(sign * (hours * 60 + minutes)).map(Zone::Minutes).map_err(|_| FORM)
}

fn needed_digits(nanosecond: i32) -> u8 {
    (0..=9).find(|digits| nanosecond % 10_i32.pow(9 - u32::from(*digits)) == 0).unwrap_or(9)
}

#[cfg(test)]
mod tests;
