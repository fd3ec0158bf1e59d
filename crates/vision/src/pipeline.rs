//! The models, loaded.

use std::path::Path;

use domain::calibration::Calibration;
use domain::contract::ContractId;

use crate::anchors::Heads;
use crate::detector::Detector;
use crate::encoder::{EncoderFacts, FaceEncoder, Sharing};
use crate::error::VisionError;
use crate::liveness::{LivenessNet, LivenessNets};
use crate::manifest::{Manifest, Model, Origin, Role};
use crate::mtcnn::Mtcnn;
use crate::one_pass::OnePass;
use crate::picture::Picture;
use crate::pool::Pool;
use crate::settings::VisionSettings;
use crate::torch::{self, Net, Place};

/// Most crops that go through a net of the detector at once, and most faces through the encoder, on each thread. On the
/// CPU as many as the intermediate results fit into the cache; a graphics card likes it large, and its memory bounds it.
const MOST_CROPS: Limits = Limits { cpu: 96, card: 4096 };
const MOST_FACES: Limits = Limits { cpu: 4, card: 64 };

struct Limits {
    cpu: usize,
    card: usize,
}

impl Limits {
    fn at(&self, place: Place) -> usize {
        if place.is_cpu() { self.cpu } else { self.card }
    }
}

/// The loaded models. Owned and used by one thread, beside which it keeps threads of its own.
#[derive(Debug)]
pub struct Pipeline {
    pub(crate) pool: Pool,
    pub(crate) detector: Detector,
    pub(crate) min_detection_score: f32,
    pub(crate) equalizes_contrast: bool,
    pub(crate) min_face_px: f32,
    pub(crate) max_dimension: u32,
    pub(crate) liveness: Option<LivenessNets>,
    first: FaceEncoder,
    others: Vec<FaceEncoder>,
}

/// Reads models of one folder onto one device.
struct Loader<'a> {
    weights: &'a Path,
    manifest: Manifest,
    place: Place,
}

impl Pipeline {
    /// Loads the detector and the encoders that the settings name onto the device that they name.
    ///
    /// # Errors
    /// A setting out of range, a device that is not there, or a model that is missing or not as the manifest says.
    pub fn load(settings: &VisionSettings) -> Result<Self, VisionError> {
        settings.validate()?;
        let place = Place::parse(&settings.device)?;
        let loader = Loader { weights: &settings.weights, manifest: Manifest::read(&settings.weights)?, place };
        // OpenCV would start threads of its own beside ours.
        opencv::core::set_num_threads(1)?;
        let detector = loader.detector(settings)?;
        let first = loader.encoder("encoder", &settings.encoder, settings.mirror)?;
        let mut others: Vec<FaceEncoder> = Vec::new();
        for id in &settings.also {
            let encoder = loader.encoder("also", id, settings.mirror)?;
            let contract = &encoder.facts.contract;
            if others.iter().chain([&first]).any(|loaded| loaded.facts.contract == *contract) {
                let problem = format!("`{id}` is of contract `{contract}`, as another one that is named");
                return Err(VisionError::Setting { setting: "also", problem });
            }
            others.push(encoder);
        }
        Ok(Self {
            pool: Pool::new(settings.threads)?,
            detector,
            min_detection_score: settings.min_detection_score,
            equalizes_contrast: settings.clahe,
            min_face_px: settings.min_face_px,
            max_dimension: settings.max_dimension,
            liveness: settings.liveness.then(|| loader.liveness()).transpose()?,
            first,
            others,
        })
    }

    /// The contracts of the loaded encoders; first the one that [`Self::analyse`] uses.
    #[must_use]
    pub fn contracts(&self) -> Vec<&ContractId> {
        self.encoders().map(|encoder| &encoder.facts.contract).collect()
    }

    /// What there is to know of the encoder of a contract; `None` when it is not loaded.
    #[must_use]
    pub fn encoder_facts(&self, contract: &ContractId) -> Option<EncoderFacts> {
        self.encoder(contract).ok().map(|encoder| encoder.facts.clone())
    }

    /// What the first encoder's embeddings may be compared with.
    #[must_use]
    pub fn contract(&self) -> &ContractId {
        &self.first.facts.contract
    }

    /// Which cosine goes with which false-match rate, with the first encoder.
    ///
    /// # Errors
    /// [`VisionError::Uncalibrated`] where nobody has measured it.
    pub fn calibration(&self) -> Result<&Calibration, VisionError> {
        self.first.facts.calibration()
    }

    /// Numbers of an embedding of the first encoder.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.first.facts.dimension
    }

    /// Whether the nets that tell living people from pictures of people are loaded.
    #[must_use]
    pub fn has_liveness(&self) -> bool {
        self.liveness.is_some()
    }

    pub(crate) fn first_encoder(&self) -> &FaceEncoder {
        &self.first
    }

    pub(crate) fn encoder(&self, contract: &ContractId) -> Result<&FaceEncoder, VisionError> {
        self.encoders().find(|encoder| encoder.facts.contract == *contract).ok_or_else(|| {
            let loaded: Vec<String> = self.contracts().iter().map(|contract| format!("`{contract}`")).collect();
            VisionError::UnknownContract { contract: contract.clone(), loaded: loaded.join(", ") }
        })
    }

    fn encoders(&self) -> impl Iterator<Item = &FaceEncoder> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Runs every net once on every thread, so that the first real pictures do not pay for libtorch's preparations.
    ///
    /// # Errors
    /// When a model does not run.
    pub fn warm_up(&self) -> Result<(), VisionError> {
        let (width, height) = (1280, 720);
        let pixels = vec![127; width * height * 3];
        let blank = Picture { pixels, width, height, original: (1280, 720) };
        self.analyse(&[blank])?;
        self.detector.warm_up(&self.pool)?;
        if let Some(nets) = &self.liveness {
            nets.warm_up(&self.pool)?;
        }
        for encoder in self.encoders() {
            let crop = vec![127; encoder.side * encoder.side * 3];
            for faces in [1, self.pool.threads(), self.pool.threads() * 2] {
                encoder.encode(&self.pool, &vec![crop.as_slice(); faces])?;
            }
        }
        Ok(())
    }
}

impl Loader<'_> {
    fn detector(&self, settings: &VisionSettings) -> Result<Detector, VisionError> {
        let heads = match settings.detector.as_str() {
            "yunet" => Heads::Yunet,
            "retinaface" => Heads::Retinaface,
            // The settings have been looked at: there is no other.
            _ => return self.mtcnn(settings).map(Box::new).map(Detector::Mtcnn),
        };
        Ok(Detector::OnePass(OnePass {
            net: self.net(&settings.detector)?,
            heads,
            min_face_px: settings.min_face_px,
            least: settings.min_detection_score,
        }))
    }

    fn mtcnn(&self, settings: &VisionSettings) -> Result<Mtcnn, VisionError> {
        Ok(Mtcnn {
            proposal: self.net("mtcnn-pnet")?,
            refine: self.net("mtcnn-rnet")?,
            output: self.net("mtcnn-onet")?,
            thresholds: settings.thresholds,
            min_face_px: settings.min_face_px,
            factor: settings.factor,
            most_crops: MOST_CROPS.at(self.place),
        })
    }

    fn net(&self, id: &str) -> Result<Net, VisionError> {
        let model = self.manifest.model(id).ok_or_else(|| self.unusable(format!("it has no model `{id}`")))?;
        self.load(model)
    }

    fn encoder(&self, setting: &'static str, id: &str, mirrors: bool) -> Result<FaceEncoder, VisionError> {
        let Some((model, encoder)) = self.manifest.encoder(id) else {
            let problem = format!("the manifest has no encoder `{id}`");
            return Err(VisionError::Setting { setting, problem });
        };
        Ok(FaceEncoder {
            net: self.load(model)?,
            alignment: encoder.alignment,
            side: self.side(model)?,
            facts: EncoderFacts {
                contract: encoder.contract.clone(),
                dimension: encoder.dimension,
                calibration: encoder.calibration.clone(),
            },
            mirrors,
            most_faces: MOST_FACES.at(self.place),
            sharing: match self.place.is_cpu() {
                true if torch::waits_are_short() => Sharing::OfFewFaces,
                true => Sharing::Never,
                false => Sharing::Always,
            },
        })
    }

    fn liveness(&self) -> Result<LivenessNets, VisionError> {
        let mut nets = Vec::new();
        for model in &self.manifest.models {
            if let Role::Liveness(liveness) = model.role {
                let side = self.side(model)?;
                nets.push(LivenessNet { net: self.load(model)?, side, liveness });
            }
        }
        if nets.is_empty() {
            return Err(self.unusable("it has no model with the role `liveness`".to_owned()));
        }
        Ok(LivenessNets { nets, most_faces: MOST_CROPS.at(self.place) })
    }

    /// Of a model's square RGB pictures, in pixels.
    fn side(&self, model: &Model) -> Result<usize, VisionError> {
        match model.input_shape {
            [height, width, 3] if height == width && height > 0 => Ok(height as usize),
            _ => Err(self.unusable(format!("`{}` takes no square RGB pictures", model.id))),
        }
    }

    fn load(&self, model: &Model) -> Result<Net, VisionError> {
        let path = self.weights.join(&model.file);
        // libtorch's own message for a missing file is a page long.
        if let Err(source) = std::fs::File::open(&path) {
            return Err(match model.origin {
                Origin::Package => VisionError::Missing { path, source },
                Origin::Operator => VisionError::NotGiven { path, source },
            });
        }
        Net::load(model, &path, self.place)
    }

    fn unusable(&self, problem: String) -> VisionError {
        VisionError::Weights { path: self.weights.join("manifest.toml"), problem }
    }
}
