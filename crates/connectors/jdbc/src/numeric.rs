//! What becomes of NUMERIC columns (`numeric.mapping`).

use api::config::config_enum;

config_enum! {
    /// How NUMERIC is mapped.
    pub(crate) enum NumericMapping {
        /// Always Decimal.
        None = "none",
        /// Integers where there is no scale.
        PrecisionOnly = "precision_only",
        /// Integers, and FLOAT64 where there is a scale.
        BestFit = "best_fit",
        /// As best fit, and FLOAT64 at any precision.
        BestFitEagerDouble = "best_fit_eager_double",
    }
}

/// The form that a NUMERIC column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumericForm {
    Int8,
    Int16,
    Int32,
    Int64,
    Float64,
    /// Of this scale.
    Decimal(i32),
}

/// Scale of a NUMERIC column that has none declared: each value is brought to it.
pub(crate) const UNDECLARED_SCALE: i32 = 127;
const MAX_INTEGER_PRECISION: i32 = 18;
const MIN_SCALE: i32 = -84;

impl NumericMapping {
    /// The form of a column of this precision and scale.
    pub(crate) fn form(self, precision: i32, scale: i32) -> NumericForm {
        let small = precision <= MAX_INTEGER_PRECISION;
        let integer = match precision {
            ..=2 => NumericForm::Int8,
            3..=4 => NumericForm::Int16,
            5..=9 => NumericForm::Int32,
            _ => NumericForm::Int64,
        };
        match self {
            NumericMapping::PrecisionOnly if small && scale == 0 => integer,
            NumericMapping::BestFit | NumericMapping::BestFitEagerDouble
                if small && (MIN_SCALE..1).contains(&scale) =>
            {
                integer
            }
            NumericMapping::BestFit if small && scale > 0 => NumericForm::Float64,
            NumericMapping::BestFitEagerDouble if scale > 0 => NumericForm::Float64,
            _ => NumericForm::Decimal(scale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_the_tables() {
        use NumericForm::*;
        use NumericMapping as M;
        for (precision, scale, none, only, fit, eager) in [
            (2, 0, Decimal(0), Int8, Int8, Int8),
            (4, 0, Decimal(0), Int16, Int16, Int16),
            (9, 0, Decimal(0), Int32, Int32, Int32),
            (18, 0, Decimal(0), Int64, Int64, Int64),
            (19, 0, Decimal(0), Decimal(0), Decimal(0), Decimal(0)),
            (10, 2, Decimal(2), Decimal(2), Float64, Float64),
            (30, 2, Decimal(2), Decimal(2), Decimal(2), Float64),
            (5, -3, Decimal(-3), Decimal(-3), Int32, Int32),
        ] {
            let forms = [M::None, M::PrecisionOnly, M::BestFit, M::BestFitEagerDouble]
                .map(|mapping| mapping.form(precision, scale));
            assert_eq!(forms, [none, only, fit, eager], "numeric({precision},{scale})");
        }
    }
}
