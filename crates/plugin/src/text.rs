//! Texts of plugins that people read.

/// At most `bytes_max` bytes of a text, as one line: control characters, those that turn the direction of writing
/// included, become `U+FFFD`, so that a plugin cannot forge lines of others.
pub(crate) fn line(text: &str, bytes_max: usize) -> String {
    let mut line = String::new();
    for c in text.chars() {
        let is_turn = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        let is_break = matches!(c, '\u{2028}' | '\u{2029}');
        let shown =
            if c.is_control() || is_turn || is_break { char::REPLACEMENT_CHARACTER } else { c };
        if line.len() + shown.len_utf8() > bytes_max {
            break;
        }
        line.push(shown);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn lines_are_cut_at_characters_and_stay_lines() {
        assert_eq!(line("plain é", 1024), "plain é");
        assert_eq!(line("plain é", 7), "plain ");
        assert_eq!(line("a\nb\u{1b}[2J\u{202E}c", 1024), "a\u{FFFD}b\u{FFFD}[2J\u{FFFD}c");
        assert_eq!(line("a\nb", 3), "a");
        assert_eq!(line("x", 0), "");
    }
}
