//! Which keys may publish: registering one, and saying later that it is retired or compromised.

use crate::{
    HubError, PublisherRefusal, Shelf,
    shelf::{Publisher, PublisherStatus},
};
use yizhan_domain::Context;
use yizhan_package::{KeyId, VerifyingKey};

/// Registers a publisher's public key for a unit, and answers its key id. Doing it again changes nothing; the same key
/// for another unit is refused, and a retired or compromised key stays what it is.
pub fn register_publisher(
    _context: &Context,
    shelf: &Shelf,
    key: &VerifyingKey,
    unit: &str,
) -> Result<KeyId, HubError> {
    let directory = shelf.directory()?;
    let id = key.key_id();
    let _lock = directory.lock()?;
    let mut file = directory.read_publishers()?;
    if let Some(known) = file.publishers.get(&id) {
        if known.unit == unit {
            return Ok(id);
        }
        let refusal = PublisherRefusal::Registered { key: id, unit: known.unit.clone() };
        return Err(HubError::Publisher { refusal });
    }
    let public_key = key.to_pem().map_err(|error| HubError::damaged("publisher key", error.to_string()))?;
    let publisher = Publisher { public_key, unit: unit.to_owned(), status: PublisherStatus::Active };
    file.publishers.insert(id, publisher);
    directory.write_publishers(&file)?;
    Ok(id)
}

/// Says what a registered key is good for from now on. Loading looks at it each time, so it takes effect without a reload.
/// A compromised key stays compromised.
pub fn set_publisher_status(
    _context: &Context,
    shelf: &Shelf,
    key_id: KeyId,
    status: PublisherStatus,
) -> Result<(), HubError> {
    let directory = shelf.directory()?;
    let _lock = directory.lock()?;
    let mut file = directory.read_publishers()?;
    let Some(publisher) = file.publishers.get_mut(&key_id) else {
        return Err(HubError::Publisher { refusal: PublisherRefusal::Unknown });
    };
    if publisher.status == PublisherStatus::Compromised && status != PublisherStatus::Compromised {
        return Err(HubError::Publisher { refusal: PublisherRefusal::Compromised { key: key_id } });
    }
    publisher.status = status;
    directory.write_publishers(&file)
}

/// The registered publisher keys with their ids, in the order of the ids.
pub fn list_publishers(shelf: &Shelf) -> Result<Vec<(KeyId, Publisher)>, HubError> {
    Ok(shelf.directory()?.read_publishers()?.publishers.into_iter().collect())
}
