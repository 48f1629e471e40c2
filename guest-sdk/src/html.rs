//! HTML that is safe by default: every value in a template is escaped, and a mistake in a template does not compile.

use std::fmt::Display;

/// HTML text. It is made by [`html!`](crate::html!), so that values are escaped where they enter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Nothing; for parts of a page that are left out.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Takes text as HTML without escaping. Never hand it text that a visitor or another system wrote.
    #[must_use]
    pub fn trusted(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// The HTML as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML as owned text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    #[doc(hidden)]
    #[must_use]
    pub fn fill(template: &str, values: &[(&str, &dyn Render)]) -> Self {
        let mut out = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                value.render(&mut out);
            }
            rest = after;
        }
        out.push_str(rest);
        Self(out)
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(parts: I) -> Self {
        Self(parts.into_iter().map(Self::into_string).collect())
    }
}

/// What may stand in a template: text and numbers (escaped), [`Html`] (as it is), options and lists of these.
pub trait Render {
    /// Appends itself as HTML.
    fn render(&self, out: &mut String);
}

impl Render for Html {
    fn render(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Render for str {
    fn render(&self, out: &mut String) {
        escape_into(self, out);
    }
}

impl Render for String {
    fn render(&self, out: &mut String) {
        escape_into(self, out);
    }
}

impl<T: Render + ?Sized> Render for &T {
    fn render(&self, out: &mut String) {
        (**self).render(out);
    }
}

impl<T: Render> Render for Option<T> {
    fn render(&self, out: &mut String) {
        self.iter().for_each(|value| value.render(out));
    }
}

impl<T: Render> Render for [T] {
    fn render(&self, out: &mut String) {
        self.iter().for_each(|value| value.render(out));
    }
}

impl<T: Render> Render for Vec<T> {
    fn render(&self, out: &mut String) {
        self.as_slice().render(out);
    }
}

macro_rules! render_numbers {
    ($($type:ty)+) => {
        $(impl Render for $type {
            fn render(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }
        })+
    };
}
render_numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f64 bool);

/// Escapes text for HTML text and attribute values in quotes (`&`, `<`, `>`, `"`, `'`).
///
/// ```
/// assert_eq!(yizhan_sdk::html::escape("<a href='x'>"), "&lt;a href=&#39;x&#39;&gt;");
/// ```
#[must_use]
pub fn escape(text: impl Display) -> String {
    let mut out = String::new();
    escape_into(&text.to_string(), &mut out);
    out
}

fn escape_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Whether every `{name}` of a template has a value and every value a place; run by the compiler.
#[doc(hidden)]
#[must_use]
pub const fn template_fits(template: &str, names: &[&str]) -> bool {
    let template = template.as_bytes();
    let mut used = 0;
    let mut seen = [false; 64];
    let mut at = 0;
    while at < template.len() {
        if template[at] == b'{' {
            let index = name_at(template, at + 1, names);
            if index >= names.len() || index >= 64 {
                return false;
            }
            if !seen[index] {
                seen[index] = true;
                used += 1;
            }
        }
        at += 1;
    }
    used == names.len()
}

/// Index of the name that stands at a place and ends with `}`; the number of names when none does.
const fn name_at(template: &[u8], at: usize, names: &[&str]) -> usize {
    let mut index = 0;
    while index < names.len() {
        let name = names[index].as_bytes();
        let mut same = 0;
        while same < name.len() && at + same < template.len() && template[at + same] == name[same] {
            same += 1;
        }
        if same == name.len() && at + same < template.len() && template[at + same] == b'}' {
            return index;
        }
        index += 1;
    }
    index
}

/// Fills a template: `{name}` takes the value of that name, escaped unless it is [`Html`] itself.
///
/// The template is a literal or `include_str!`; a `{name}` without value, or a value without place, does not compile.
///
/// ```
/// use yizhan_sdk::html;
///
/// let name = "<b>社保</b>";
/// let line = html!("<li>{name}: {count}</li>", name, count = 2);
/// assert_eq!(line.as_str(), "<li>&lt;b&gt;社保&lt;/b&gt;: 2</li>");
/// assert_eq!(html!("<ul>{lines}</ul>", lines = vec![line.clone(), line]).as_str().matches("<li>").count(), 2);
/// ```
///
/// ```compile_fail
/// yizhan_sdk::html!("<p>{missing}</p>", other = 1);
/// ```
#[macro_export]
macro_rules! html {
    (@value $name:ident) => { &$name };
    (@value $name:ident $value:expr) => { &$value };
    ($template:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const TEMPLATE: &str = $template;
        const _: () = assert!(
            $crate::html::template_fits(TEMPLATE, &[$(stringify!($name)),*]),
            "a {{name}} of the template has no value, or a value has no place in the template"
        );
        $crate::html::Html::fill(
            TEMPLATE,
            &[$((stringify!($name), $crate::html!(@value $name $($value)?) as &dyn $crate::html::Render)),*],
        )
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_html_is_not() {
        let bold = Html::trusted("<b>x</b>");
        let page = html!("<p title=\"{title}\">{bold}{none}</p>", title = "\" onload=\"", bold, none = None::<&str>);
        assert_eq!(page.as_str(), "<p title=\"&quot; onload=&quot;\"><b>x</b></p>");
    }

    #[test]
    fn a_template_that_does_not_fit_its_values_is_found() {
        assert!(template_fits("{a} {b} {a}", &["a", "b"]));
        assert!(!template_fits("{a}", &["a", "b"]), "value without place");
        assert!(!template_fits("{a} {c}", &["a"]), "place without value");
        assert!(!template_fits("{ a }", &["a"]), "not a name");
    }
}
