//! How many mistakes lie between what was typed and the part of a text that is nearest to it.

/// Least number of wrong, missing, additional and swapped neighbouring characters (optimal string alignment) between the
/// pattern and any part of the text that begins where `begins` allows; none above `most`.
pub(crate) fn mistakes<T: PartialEq>(
    pattern: &[T],
    text: &[T],
    most: usize,
    begins: impl Fn(usize) -> bool,
) -> Option<usize> {
    let far = most + 1;
    let mut before: Vec<usize> = Vec::new();
    let start = |before: &mut usize, at: usize| {
        *before = if begins(at) { 0 } else { (*before + 1).min(far) };
        Some(*before)
    };
    let mut last: Vec<usize> = (0..=text.len()).scan(most, start).collect();
    for (row, wanted) in pattern.iter().enumerate() {
        let mut next = Vec::with_capacity(last.len());
        next.push(if begins(0) { (row + 1).min(far) } else { far });
        for (column, found) in text.iter().enumerate() {
            let mut least =
                (last[column] + usize::from(wanted != found)).min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && *wanted == text[column - 1] && pattern[row - 1] == *found {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least.min(far));
        }
        before = std::mem::replace(&mut last, next);
    }
    last.into_iter().min().filter(|least| *least <= most)
}

/// How many mistakes a typed text of this length may have.
pub(crate) fn allowed(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=6 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(pattern: &str, text: &str, most: usize) -> Option<usize> {
        let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
        mistakes(&pattern, &text, most, |_| true)
    }

    #[test]
    fn wrong_missing_additional_and_swapped_characters_count_one_each() {
        for (pattern, expected) in
            [("居住证", 0), ("居往证", 1), ("居证", 1), ("居住住证", 1), ("住居证", 1), ("证住居", 2), ("护照", 2)]
        {
            assert_eq!(between(pattern, "流动人口居住证申领", 2), Some(expected), "{pattern}");
        }
        assert_eq!(between("普通护照", "居住证", 2), None);
        assert_eq!(between("", "", 0), Some(0));
    }

    #[test]
    fn a_part_begins_only_where_it_may() {
        let (pattern, text) = (b"ongji", b"gongjijin");
        assert_eq!(mistakes(pattern, text, 2, |at| at == 0), Some(1));
        assert_eq!(mistakes(pattern, text, 0, |at| at == 0), None);
    }
}
