//! Tables of plain text: columns as wide as what is in them, and no frame.

/// A table with a header in capitals.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { rows: vec![header.iter().map(|title| title.to_uppercase()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: &[String; N]) {
        self.rows.push(cells.iter().map(|cell| crate::plain::one_line(cell)).collect());
    }

    /// The table as text, without a line break at its end.
    pub(crate) fn to_text(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let lines: Vec<String> = self.rows.iter().map(|row| line(row, &widths)).collect();
        lines.join("\n")
    }

    fn width(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
    cells.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(["environment", "health"]);
        table.row(&["dev".to_owned(), "steady".to_owned()]);
        table.row(&["production".to_owned(), "dri\nfted".to_owned()]);
        insta::assert_snapshot!(table.to_text(), @"
        ENVIRONMENT  HEALTH
        dev          steady
        production   dri fted
        ");
    }
}
