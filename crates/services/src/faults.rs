//! Fail points: places where a test lets the product fail. They exist in test builds only.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{Error, Result};

/// Where a test may let the product fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The runner of a turn panics before it asks the provider.
    AnswerPanics,
    /// The runner of a turn is gone: it neither asks nor settles.
    AnswerVanishes,
    /// A settle fails before it writes.
    SettleFails,
    /// A checkpoint fails before it writes.
    CheckpointFails,
    /// A tool works for ever.
    ToolHangs,
    /// A tool panics.
    ToolPanics,
    /// A promotion is not told to the turn that waits.
    PromotionIsLost,
    /// A payment is not asked about, after the right to ask was taken.
    PaymentAskFails,
    /// A credit fails between the payment and its lines in the books.
    LedgerFails,
    /// A credit fails between the books and the subscription.
    PlanFails,
    /// Payments are looked after only when a test says so.
    ReconcilerSleeps,
    /// A credit is done, and whoever asked for it does not hear so.
    CreditAnswerIsLost,
}

/// How often each point is still to fail, and has failed.
#[derive(Debug, Default)]
pub struct Faults(Mutex<HashMap<Point, (u32, u64)>>);

impl Faults {
    /// Lets a point fail so many times.
    pub fn set(&self, point: Point, times: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(point).or_default().0 = times;
    }

    /// How often a point has failed.
    pub fn fired(&self, point: Point) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&point).map_or(0, |(_, fired)| *fired)
    }

    /// Whether the point fails this time.
    pub fn take(&self, point: Point) -> bool {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match faults.get_mut(&point) {
            Some((times, fired)) if *times > 0 => {
                *times -= 1;
                *fired += 1;
                true
            }
            _ => false,
        }
    }

    /// Fails, if the point does this time.
    pub(crate) fn check(&self, point: Point) -> Result<()> {
        if self.take(point) { Err(Error::Internal(anyhow::anyhow!("fail point {point:?}"))) } else { Ok(()) }
    }
}
