//! Browser features that an app may declare; every other one is switched off by the permissions policy of its answers.

use schemars::JsonSchema;
use serde::Serialize;
use std::{fmt, str::FromStr};

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A browser feature, named as in the Permissions Policy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        pub enum Feature {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Feature {
            /// All of them, by name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Name in the `permissions-policy` header.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

features! {
    /// Motion of the device.
    Accelerometer = "accelerometer",
    /// Sound and video that start by themselves.
    Autoplay = "autoplay",
    /// Pictures from the camera.
    Camera = "camera",
    /// Reading the clipboard.
    ClipboardRead = "clipboard-read",
    /// Writing the clipboard.
    ClipboardWrite = "clipboard-write",
    /// The whole screen.
    Fullscreen = "fullscreen",
    /// Where the device is.
    Geolocation = "geolocation",
    /// Turning of the device.
    Gyroscope = "gyroscope",
    /// The compass.
    Magnetometer = "magnetometer",
    /// Sound from the microphone.
    Microphone = "microphone",
    /// A video above other windows.
    PictureInPicture = "picture-in-picture",
    /// Keeping the screen on.
    ScreenWakeLock = "screen-wake-lock",
    /// The device's sheet for sharing.
    WebShare = "web-share",
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not the name of a feature that an app may declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a browser feature that an app may declare")]
pub struct UnknownFeature;

impl FromStr for Feature {
    type Err = UnknownFeature;

    fn from_str(text: &str) -> Result<Self, UnknownFeature> {
        Self::ALL.iter().copied().find(|feature| feature.as_str() == text).ok_or(UnknownFeature)
    }
}
