//! What can go wrong.

use std::path::PathBuf;

use domain::contract::ContractId;
use domain::picture::PictureProblem;

/// Why bytes did not become a picture.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are no picture that we take; the sender is told why.
    #[error(transparent)]
    Refused(#[from] PictureProblem),
    /// The decoder itself failed, for instance for lack of memory.
    #[error("decoding failed")]
    Failed(#[from] opencv::Error),
}

/// Why the models could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// A setting that makes no sense.
    #[error("vision.{setting}: {problem}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The device that the settings name is not there. There is no silent fallback.
    #[error("device `{device}` is not available: {problem}")]
    Device {
        /// As the settings name it.
        device: String,
        /// What is missing.
        problem: String,
    },
    /// A file of `weights/` cannot be read.
    #[error("cannot read {}; run scripts/setup", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A model that comes in no package, which the operator has not given.
    #[error("cannot read {}, which is made from a file that no package has; run scripts/setup --models FOLDER with the \
        folder that has it (weights/README.md says where it is published)", path.display())]
    NotGiven {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of `weights/` does not say what it should.
    #[error("{} is not as expected: {problem}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No loaded encoder makes embeddings of this contract.
    #[error("no loaded encoder is of contract `{contract}` (there are {loaded}); vision.also names more to load")]
    UnknownContract {
        /// Of the embeddings that were wanted.
        contract: ContractId,
        /// The contracts of the encoders that are loaded.
        loaded: String,
    },
    /// Nobody has measured which cosine goes with which false-match rate.
    #[error("the encoder of contract `{contract}` has no calibration; `rollcall bench identify` measures one")]
    Uncalibrated {
        /// Of its embeddings.
        contract: ContractId,
    },
    /// libtorch failed.
    #[error("a model failed to run")]
    Model(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A model gave something of a shape that it should not.
    #[error("model `{model}` gave {problem}")]
    Output {
        /// The model's id.
        model: String,
        /// What it gave.
        problem: String,
    },
    /// OpenCV failed.
    #[error("OpenCV failed")]
    Pixels(#[from] opencv::Error),
}
