//! What the values of a field are, as far as a proposal depends on it.

/// The values of one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldValues {
    /// Numbers and truth values.
    pub values: u64,
    /// Texts that are neither.
    pub texts: u64,
    /// Whether every value is true/false, 0/1, or a word for one of them.
    pub two_valued: bool,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
    /// Their sum.
    pub sum: f64,
}

impl Default for FieldValues {
    fn default() -> Self {
        Self {
            values: 0,
            texts: 0,
            two_valued: true,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            sum: 0.0,
        }
    }
}

impl FieldValues {
    /// Takes a number in.
    pub(super) fn number(&mut self, value: f64) {
        let two = value.to_bits() == 1.0_f64.to_bits() || value == 0.0;
        *self =
            self.and(Self { values: 1, texts: 0, two_valued: two, least: value, most: value, sum: value });
    }

    /// Takes a text in.
    pub(super) fn text(&mut self) {
        self.texts += 1;
    }

    /// The values of both.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            values: self.values + other.values,
            texts: self.texts + other.texts,
            two_valued: self.two_valued && other.two_valued,
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            sum: self.sum + other.sum,
        }
    }
}
