//! How much memory the large bodies in flight may take together; what goes beyond is refused at the door.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// Hands out memory, in KiB, for the bodies of frames and photos.
pub(crate) struct Admission {
    kibibytes: Arc<Semaphore>,
}

/// Memory that is given back when this is dropped.
pub(crate) struct Admitted {
    _permit: OwnedSemaphorePermit,
}

impl Admission {
    /// Room for `mebibytes` of bodies.
    pub(crate) fn new(mebibytes: usize) -> Self {
        Self { kibibytes: Arc::new(Semaphore::new(mebibytes * 1024)) }
    }

    /// Takes the memory for a body of at most `bytes`.
    pub(crate) fn admit(&self, bytes: usize) -> Result<Admitted, ApiError> {
        let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        match Arc::clone(&self.kibibytes).try_acquire_many_owned(kibibytes) {
            Ok(permit) => Ok(Admitted { _permit: permit }),
            Err(_all_taken) => {
                metrics::counter!("rollcall_bodies_refused_total").increment(1);
                Err(ApiError::Overloaded)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Admission;

    #[test]
    fn what_does_not_fit_is_refused_until_room_is_given_back() {
        let admission = Admission::new(1);
        let most = admission.admit(1024 * 1000).expect("there is room");
        assert!(admission.admit(100 * 1024).is_err());
        let rest = admission.admit(24 * 1024).expect("there is room");
        drop(most);
        assert!(admission.admit(100 * 1024).is_ok());
        drop(rest);
    }
}
