//! The gateway: everything that comes from outside comes through here.
//!
//! It checks who is asking (`auth`), reads and checks what is asked (`extract`, `validation`, `routes`), asks
//! the store or tells the broker, and answers: JSON, or a problem (`error`). It never looks at pixels, holds nothing
//! that another process needs, and may be started as often as wanted behind a load balancer.

mod admission;
mod auth;
mod body;
mod clearable;
mod clock;
mod error;
mod exports;
mod extract;
mod idempotency;
mod jobs;
mod limits;
mod live;
pub mod openapi;
mod page;
mod panel;
mod patch;
mod period;
mod problem;
mod rate;
mod reply;
mod request;
mod routes;
mod settings;
mod startup;
mod state;
mod validation;

pub use settings::{
    AuthSettings, HttpSettings, InvalidSettings, LiveSettings, PanelSettings, RateSettings, Rates, ReceiptSettings,
    Settings,
};
pub use startup::{Application, GatewayError};
