//! The report as a picture: for each row, how many times better than its aim ours is.

use plotters::coord::Shift;
use plotters::prelude::{
    DrawingArea, DrawingBackend, IntoDrawingArea, IntoFont, RGBColor, Rectangle, SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{BLACK, Color, WHITE};

use super::report::significant;
use super::rows::Row;
use crate::repository::TaskError;

/// Pixels: of a row, of the margins, and where the bars lie.
const ROW: i32 = 22;
const TOP: i32 = 64;
const BOTTOM: i32 = 16;
const WIDTH: i32 = 1_160;
const BARS: (i32, i32) = (420, 900);

const REACHED: RGBColor = RGBColor(46, 125, 50);
const NOT_REACHED: RGBColor = RGBColor(198, 96, 0);
const GRID: RGBColor = RGBColor(205, 205, 205);

/// Draws every row that has an aim and was measured.
pub(super) fn draw(rows: &[Row]) -> Result<String, TaskError> {
    let bars: Vec<(&Row, f64)> = rows
        .iter()
        .filter_map(|row| Some((row, row.margin.filter(|margin| *margin > 0.0)?)))
        .collect();
    let rows = i32::try_from(bars.len()).unwrap_or(i32::MAX);
    let height = rows.saturating_mul(ROW).saturating_add(TOP + BOTTOM);
    let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let mut text = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        paint(&area, &bars, height)
    };
    // The error's type is generic over the backend; its message is all that it says.
    drawn.map_err(|error| TaskError::Chart(error.to_string()))?;
    Ok(text)
}

type Painted<B> =
    Result<(), plotters::drawing::DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

fn paint<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    bars: &[(&Row, f64)],
    height: i32,
) -> Painted<B> {
    area.fill(&WHITE)?;
    let title = "Times better than the aim (logarithmic; left of 1 the aim is not reached)";
    label(area, title, (16, 20), (HPos::Left, 17))?;
    let scale = Scale::over(bars);
    for exponent in scale.least..=scale.most {
        let x = scale.x(10_f64.powi(exponent));
        let colour = if exponent == 0 { BLACK.to_rgba() } else { GRID.to_rgba() };
        area.draw(&Rectangle::new([(x, TOP - 4), (x + 1, height - BOTTOM)], colour.filled()))?;
        label(area, &power(exponent), (x, TOP - 14), (HPos::Center, 13))?;
    }
    for (index, (row, margin)) in (0..).zip(bars) {
        let y = TOP + index * ROW;
        let (one, end) = (scale.x(1.0), scale.x(*margin));
        let colour = if row.reached == Some(true) { REACHED } else { NOT_REACHED };
        let corners = [(one.min(end), y + 4), (one.max(end), y + ROW - 4)];
        area.draw(&Rectangle::new(corners, colour.filled()))?;
        let peer = row.peer_name.map_or_else(String::new, |peer| format!(" / {peer}"));
        let name = format!("{}{peer}", row.name);
        label(area, &name, (BARS.0 - 14, y + ROW / 2), (HPos::Right, 13))?;
        let ratio = row.ratio.map_or_else(String::new, significant);
        let figure = if row.aim.ends_with(row.unit) {
            format!(
                "{} {}; aim: {}",
                row.ours.map_or_else(String::new, significant),
                row.unit,
                row.aim
            )
        } else {
            format!("{ratio}; aim: {}", row.aim)
        };
        label(area, &figure, (BARS.1 + 14, y + ROW / 2), (HPos::Left, 13))?;
    }
    area.present()
}

fn label<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    text: &str,
    at: (i32, i32),
    (side, size): (HPos, i32),
) -> Painted<B> {
    let style = ("sans-serif", size).into_font().color(&BLACK).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style))
}

/// Powers of ten as a reader writes them.
fn power(exponent: i32) -> String {
    let number = 10_f64.powi(exponent);
    if exponent < 0 {
        format!("{number:.*}", exponent.unsigned_abs() as usize)
    } else {
        format!("{number}")
    }
}

/// A logarithmic axis over whole powers of ten.
struct Scale {
    least: i32,
    most: i32,
}

impl Scale {
    /// At least from a tenth to ten.
    fn over(bars: &[(&Row, f64)]) -> Self {
        let margins = || bars.iter().map(|(_, margin)| margin.log10());
        let least = margins().fold(-1.0, f64::min).floor();
        let most = margins().fold(1.0, f64::max).ceil();
        Self { least: whole(least), most: whole(most) }
    }

    fn x(&self, margin: f64) -> i32 {
        let (least, most) = (f64::from(self.least), f64::from(self.most));
        let share = (margin.log10() - least) / (most - least);
        BARS.0 + whole((share * f64::from(BARS.1 - BARS.0)).round())
    }
}

/// A whole number from -1,000 to 1,000 or so: pixels and exponents.
fn whole(number: f64) -> i32 {
    (-5_000..=5_000).find(|whole| f64::from(*whole) >= number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::rows::Row;
    use super::{BARS, Scale, draw};

    fn row(margin: Option<f64>) -> Row {
        Row {
            name: "plant/prepared".to_owned(),
            unit: "ns",
            ours: Some(3.0),
            peer_name: Some("peer"),
            peer: Some(6.0),
            ratio: Some(2.0),
            aim: "4 times faster".to_owned(),
            reached: margin.map(|margin| margin >= 1.0),
            margin,
            missing: Vec::new(),
        }
    }

    #[test]
    fn rows_with_an_aim_are_drawn() {
        let svg = draw(&[row(Some(0.5)), row(None), row(Some(20.0))]);
        let svg = svg.unwrap_or_else(|error| error.to_string());
        assert!(svg.starts_with("<svg"), "{svg}");
        assert_eq!(svg.matches("plant/prepared / peer").count(), 2);
    }

    #[test]
    fn the_scale_holds_every_bar() {
        let (low, high) = (row(Some(0.02)), row(Some(300.0)));
        let scale = Scale::over(&[(&low, 0.02), (&high, 300.0)]);
        assert_eq!((scale.least, scale.most), (-2, 3));
        assert_eq!((scale.x(0.01), scale.x(1_000.0)), BARS);
        assert!(scale.x(0.02) < scale.x(1.0) && scale.x(1.0) < scale.x(300.0));
    }
}
