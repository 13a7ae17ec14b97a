//! Work that threads take in turns, whoever is free the next.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::TallyOptions;
use crate::error::Error;

/// Turns between two looks at whether to stop.
const TURNS_A_LOOK: usize = 4;

/// Does all turns on some threads, each with something of its own, and returns what they have made.
pub(super) fn take<S: Send>(
    turns: usize,
    threads: usize,
    options: &TallyOptions<'_>,
    own: impl Fn() -> S + Sync,
    turn: impl Fn(&mut S, usize) -> Result<(), Error> + Sync,
) -> Result<Vec<S>, Error> {
    let stopped = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    let look = || {
        if options.stop.is_some_and(|stop| stop()) {
            stopped.store(true, Ordering::Relaxed);
        }
    };
    let work = |look: &dyn Fn()| {
        let mut mine = own();
        for done in 0.. {
            if done % TURNS_A_LOOK == 0 {
                look();
            }
            if stopped.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= turns {
                break;
            }
            turn(&mut mine, place)?;
        }
        Ok(mine)
    };
    let made: Vec<Result<S, Error>> = std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = (1..threads)
            .map(|_| scope.spawn(move || work(&|| ())))
            .collect();
        // Only the caller's own thread asks the caller whether to stop.
        let first = work(&look);
        let joined = others.into_iter().map(|thread| {
            // A thread that panicked is a fault of ours; nothing it did is used.
            thread.join().unwrap_or(Err(Error::Interrupted))
        });
        std::iter::once(first).chain(joined).collect()
    });
    let made = made.into_iter().collect::<Result<Vec<S>, Error>>()?;
    if stopped.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    Ok(made)
}
