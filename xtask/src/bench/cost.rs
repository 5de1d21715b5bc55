//! What one run of a program costs.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// What one run costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    /// From its start to its end.
    pub(super) wall: Duration,
    /// User and system time of the process and all its children.
    pub(super) cpu: Duration,
    /// The largest resident set that any one of these processes ever had, in bytes.
    pub(super) memory: u64,
}

impl Cost {
    /// For the way from the measuring process.
    pub(super) fn to_json(self) -> Value {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        json!({"wall": micros(self.wall), "cpu": micros(self.cpu), "memory": self.memory})
    }

    /// The reverse of [`Cost::to_json`].
    pub(super) fn from_json(value: &Value) -> Result<Self> {
        let number = |name: &str| value[name].as_u64().with_context(|| format!("no `{name}`"));
        Ok(Self {
            wall: Duration::from_micros(number("wall")?),
            cpu: Duration::from_micros(number("cpu")?),
            memory: number("memory")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_survives_its_way() {
        let cost = Cost { wall: Duration::from_micros(1_234), cpu: Duration::from_micros(567), memory: 89 };
        assert_eq!(Cost::from_json(&cost.to_json()).unwrap(), cost);
        assert!(Cost::from_json(&json!({"wall": 1})).is_err());
    }
}
