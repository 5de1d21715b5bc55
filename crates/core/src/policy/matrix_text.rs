//! The matrix as a table of plain text, with the conditions of each rule below it.
//!
//! Colour and the terminal's width are the front end's.

use super::{Cell, Matrix, Way};

impl Matrix {
    /// A table: triggers down, environments across; then what each rule asks besides.
    pub fn to_text(&self) -> String {
        let header = std::iter::once(String::new()).chain(self.environments.iter().map(ToString::to_string)).collect();
        let rows = self.rows.iter().map(|row| {
            std::iter::once(row.trigger.clone()).chain(row.cells.iter().map(short)).collect::<Vec<String>>()
        });
        let table: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        format!("{}{}", aligned(&table), self.conditions())
    }

    fn conditions(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for cell in self.rows.iter().flat_map(|row| &row.cells) {
            let Cell::MayDeploy { ways } = cell else {
                continue;
            };
            for line in ways.iter().filter_map(condition_line) {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines.sort();
        if lines.is_empty() { String::new() } else { format!("\n{}", lines.concat()) }
    }
}

fn condition_line(way: &Way) -> Option<String> {
    let conditions: Vec<String> = way.conditions.iter().map(ToString::to_string).collect();
    (!conditions.is_empty()).then(|| format!("{}: only if {}\n", way.rule, conditions.join(", and ")))
}

fn short(cell: &Cell) -> String {
    match cell {
        Cell::MayDeploy { ways } => {
            let places: Vec<&str> = ways.iter().map(|way| way.rule.rsplit('.').next().unwrap_or(&way.rule)).collect();
            places.join(" or ")
        }
        Cell::Refused => "refused".to_owned(),
        Cell::Ignored => "ignored".to_owned(),
        Cell::PublishOnly => "publish only".to_owned(),
    }
}

fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.first().map_or(0, Vec::len);
    let width = |column: usize| {
        table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    table.iter().map(line).collect()
}
