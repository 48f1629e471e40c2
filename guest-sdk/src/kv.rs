//! Keys and values that the app keeps between requests; no other app sees them.
//!
//! ```
//! use yizhan_sdk::{kv, testing::FakeHost};
//!
//! let _host = FakeHost::new().install();
//! let bucket = kv::open("default").unwrap();
//! bucket.set("greeting", "你好").unwrap();
//! assert_eq!(bucket.get_text("greeting").unwrap().as_deref(), Some("你好"));
//! assert_eq!(bucket.increment("visits", 1).unwrap(), 1);
//! ```

use crate::host::kv as host;
use crate::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};

/// Tries of [`Bucket::update`] before it gives up.
const UPDATE_TRIES_MAX: u32 = 8;

/// A bucket of keys and values.
pub struct Bucket(host::Bucket);

/// One page of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// The keys, in no particular order.
    pub keys: Vec<String>,
    /// Hand this to the next call; none at the end.
    pub next: Option<String>,
}

/// Opens a bucket of this app, which is there as soon as something is written. The name has 1 to 64 characters of `a-z`,
/// `0-9`, `-`, `_` and `.`; `NotFound` for any other.
pub fn open(name: &str) -> Result<Bucket> {
    host::Bucket::open(name).map(Bucket)
}

impl Bucket {
    /// The value of a key, or none.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.get(key)
    }

    /// The value of a key as text; `Failed` when it is not UTF-8.
    pub fn get_text(&self, key: &str) -> Result<Option<String>> {
        let text =
            |bytes| String::from_utf8(bytes).map_err(|_| Error::Failed(format!("value of {key:?} is not UTF-8")));
        self.get(key)?.map(text).transpose()
    }

    /// The value of a key from JSON; `Failed` when it does not read.
    pub fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let json = |bytes: Vec<u8>| {
            serde_json::from_slice(&bytes).map_err(|error| Error::Failed(format!("value of {key:?}: {error}")))
        };
        self.get(key)?.map(json).transpose()
    }

    /// Writes a value, over the old one if there is one.
    pub fn set(&self, key: &str, value: impl AsRef<[u8]>) -> Result<()> {
        self.0.set(key, value.as_ref())
    }

    /// Writes a value as JSON.
    pub fn set_json(&self, key: &str, value: &impl Serialize) -> Result<()> {
        let bytes = serde_json::to_vec(value).map_err(|error| Error::Failed(format!("value of {key:?}: {error}")))?;
        self.set(key, bytes)
    }

    /// Removes a key; a missing one is no error.
    pub fn delete(&self, key: &str) -> Result<()> {
        self.0.delete(key)
    }

    /// Whether the key is there.
    pub fn exists(&self, key: &str) -> Result<bool> {
        self.0.exists(key)
    }

    /// One page of keys; none as the cursor gives the first.
    pub fn keys(&self, cursor: Option<&str>) -> Result<KeyPage> {
        self.0.keys(cursor)
    }

    /// Adds to a number in one step and returns the sum; a missing key counts as zero.
    pub fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        self.0.increment(key, delta)
    }

    /// Changes a value in one step: `change` gets the present value and gives the new one, and is called again, at most
    /// 8 times, when another request was faster. `Conflict` after that.
    ///
    /// ```
    /// # let _host = yizhan_sdk::testing::FakeHost::new().install();
    /// let bucket = yizhan_sdk::kv::open("default").unwrap();
    /// let append = |old: Option<Vec<u8>>| { let mut list = old.unwrap_or_default(); list.push(b'x'); list };
    /// bucket.update("list", append).unwrap();
    /// bucket.update("list", append).unwrap();
    /// assert_eq!(bucket.get("list").unwrap(), Some(b"xx".to_vec()));
    /// ```
    pub fn update(&self, key: &str, mut change: impl FnMut(Option<Vec<u8>>) -> Vec<u8>) -> Result<()> {
        let mut swap = self.0.swap(key)?;
        for _ in 0..UPDATE_TRIES_MAX {
            let value = change(swap.current()?);
            match swap.write(&value)? {
                None => return Ok(()),
                Some(fresh) => swap = fresh,
            }
        }
        Err(Error::Conflict(format!("{key:?} was changed by others {UPDATE_TRIES_MAX} times")))
    }

    /// The values of many keys in one call, none for each key that is missing. Not atomic.
    pub fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        self.0.get_many(keys)
    }

    /// Writes many values in one call. Not atomic.
    pub fn set_many(&self, pairs: &[(&str, &[u8])]) -> Result<()> {
        self.0.set_many(pairs)
    }

    /// Removes many keys in one call. Not atomic.
    pub fn delete_many(&self, keys: &[&str]) -> Result<()> {
        self.0.delete_many(keys)
    }
}
