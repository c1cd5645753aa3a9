//! Who drives a connection.
//!
//! A connection is a future that moves bytes; a task of its own drives it, so that answers come while nobody waits.
//! While a pass takes rows it drives the connection itself: handing every few kilobytes from one thread to another
//! costs more than decoding them.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use api::BoxFuture;

/// A connection that is driven. It is cut when the last clone of its `Arc` is dropped, even in the middle of rows.
pub(super) struct Link(Arc<Mutex<State>>);

struct State {
    /// `None`: it has ended.
    connection: Option<BoxFuture<'static, ()>>,
    /// Whether a pass drives it.
    borrowed: bool,
    /// The task of its own, when it waits.
    driver: Option<Waker>,
}

impl Link {
    /// Takes a connection; gives the future of the task that drives it.
    pub(super) fn new(connection: BoxFuture<'static, ()>) -> (Arc<Self>, BoxFuture<'static, ()>) {
        let state =
            Arc::new(Mutex::new(State { connection: Some(connection), borrowed: false, driver: None }));
        let driven = state.clone();
        let driver = std::future::poll_fn(move |context| {
            let mut state = lock(&driven);
            state.driver = Some(context.waker().clone());
            if state.borrowed && state.connection.is_some() { Poll::Pending } else { state.turn(context) }
        });
        (Arc::new(Self(state)), Box::pin(driver))
    }

    /// Takes over the driving until the guard is dropped.
    pub(super) fn borrow(self: &Arc<Self>) -> Borrowed {
        lock(&self.0).borrowed = true;
        Borrowed(self.clone())
    }
}

impl State {
    fn turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(()) };
        let turned = Pin::new(connection).poll(context);
        if turned.is_ready() {
            self.connection = None;
        }
        turned
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.connection = None;
        if let Some(driver) = state.driver.take() {
            driver.wake();
        }
    }
}

/// The right to drive. Dropping it wakes the task of its own, which takes the socket's wake-ups over again.
pub(super) struct Borrowed(Arc<Link>);

impl Borrowed {
    /// Moves the bytes that there are.
    pub(super) fn turn(&self, context: &mut Context<'_>) {
        // That it has ended, rows say themselves.
        let _ = lock(&self.0.0).turn(context);
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0);
        state.borrowed = false;
        if let Some(driver) = state.driver.take() {
            driver.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    // A connection that counts how often it is driven, and whether it is still there.
    struct Counted {
        turns: Arc<AtomicUsize>,
        _alive: Arc<()>,
    }

    impl Future for Counted {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            self.turns.fetch_add(1, Ordering::SeqCst);
            Poll::Pending
        }
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn one_of_the_two_drives() {
        let (turns, alive, woken) = (Arc::new(AtomicUsize::new(0)), Arc::new(()), Arc::new(Woken::default()));
        let (link, mut driver) = Link::new(Box::pin(Counted { turns: turns.clone(), _alive: alive.clone() }));
        let waker = Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        assert!(driver.as_mut().poll(&mut context).is_pending());
        assert_eq!(turns.load(Ordering::SeqCst), 1);
        let borrowed = link.borrow();
        assert!(driver.as_mut().poll(&mut context).is_pending());
        assert_eq!(turns.load(Ordering::SeqCst), 1, "the pass drives now");
        borrowed.turn(&mut context);
        assert_eq!((turns.load(Ordering::SeqCst), woken.0.load(Ordering::SeqCst)), (2, 0));
        drop(borrowed);
        assert_eq!(woken.0.load(Ordering::SeqCst), 1, "the driver takes over again");
        assert!(driver.as_mut().poll(&mut context).is_pending());
        assert_eq!(turns.load(Ordering::SeqCst), 3);
        // The last user is gone: the connection is cut at once, and its driver ends.
        drop(link);
        assert_eq!((Arc::strong_count(&alive), woken.0.load(Ordering::SeqCst)), (1, 2));
        assert!(driver.as_mut().poll(&mut context).is_ready());
    }
}
