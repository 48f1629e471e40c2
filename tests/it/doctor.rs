//! Deliberately wrong apps, each with one mistake: the check names the mistake, the place and the mend, and nothing else.

mod app;
mod codes;
mod component_mistakes;
mod manifest_mistakes;
mod package_mistakes;
mod page_mistakes;
mod report_shape;
