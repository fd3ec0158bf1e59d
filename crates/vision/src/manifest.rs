//! `weights/manifest.toml`: which models there are and what each expects.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use domain::calibration::Calibration;
use domain::contract::ContractId;
use serde::Deserialize;

use crate::error::VisionError;
use crate::preparation::Preparation;
pub use crate::preparation::{Colour, Layout, PerColour};

/// What of the manifest matters for running the models. Where they come from is for `weights/*.py`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Manifest {
    /// In the order of the file.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// One TorchScript archive.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Model {
    /// Its name, such as `facenet`.
    pub id: String,
    /// Where it is, relative to `weights/`.
    pub file: PathBuf,
    /// SHA-256 of the archive in hexadecimal, where the manifest pins it.
    #[serde(default)]
    pub sha256: Option<String>,
    /// A synthetic input and what the model makes of it, relative to `weights/`; operators' own encoders have none.
    #[serde(default)]
    pub reference: Option<PathBuf>,
    /// Height, width and channels of one input; -1 where any will do.
    pub input_shape: [i64; 3],
    /// In which order it takes the numbers of a picture.
    #[serde(default)]
    pub input_layout: Layout,
    /// In which order it takes the colours.
    #[serde(default)]
    pub colour: Colour,
    /// What is to be subtracted from the values 0..=255 for it, ...
    #[serde(default)]
    pub mean: Option<PerColour>,
    /// ... and what that is to be divided by. With neither it takes bytes as they are.
    #[serde(default)]
    pub scale: Option<PerColour>,
    /// Where it comes from.
    #[serde(default, rename = "from")]
    pub origin: Origin,
    /// What it is for.
    #[serde(flatten)]
    pub role: Role,
}

/// Where an archive comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A package, which `scripts/setup` fetches.
    #[default]
    Package,
    /// A file that whoever operates this has; the archive is absent where they have not given it to
    /// `scripts/setup --models`.
    Operator,
}

/// What a model is for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Role {
    /// Finds faces.
    Detector,
    /// Makes embeddings of them.
    Encoder(Encoder),
    /// Tells living people from pictures of people.
    Liveness(Liveness),
}

/// How a net that tells living people from pictures of people is fed and read.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Liveness {
    /// How many times as wide and high as the face's box what it sees is.
    pub box_scale: f32,
    /// The position, among the probabilities that it gives, of that of a living person.
    pub real_class: usize,
}

/// How an encoder is fed and how its embeddings are compared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Encoder {
    /// How a face is cut out for it.
    pub alignment: Alignment,
    /// Numbers of an embedding.
    pub dimension: usize,
    /// Embeddings of the same contract may be compared.
    pub contract: ContractId,
    /// Which cosine goes with which false-match rate; absent where nobody has measured it.
    #[serde(default)]
    pub calibration: Option<Calibration>,
}

/// How a face is cut out of a picture for an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Alignment {
    /// MTCNN's box, enlarged by 12.5 % of its width and height in all, clipped to the picture and resized.
    #[serde(rename = "mtcnn-box-12.5")]
    Box,
    /// The five landmarks moved, turned and scaled onto ArcFace's template for 112 x 112.
    #[serde(rename = "arcface-112")]
    Arcface,
    /// The same, onto dlib's template for 150 x 150.
    #[serde(rename = "dlib-150")]
    Dlib,
}

impl Model {
    /// What is to be done to pixels for it; `None` where it does that itself.
    pub(crate) fn preparation(&self) -> Option<Preparation> {
        let is_prepared = self.mean.is_some() || self.scale.is_some();
        is_prepared.then(|| Preparation {
            layout: self.input_layout,
            colour: self.colour,
            mean: self.mean.unwrap_or(PerColour::Same(0.0)),
            scale: self.scale.unwrap_or(PerColour::Same(1.0)),
        })
    }
}

fn read_file(path: PathBuf) -> Result<Manifest, VisionError> {
    let text = std::fs::read_to_string(&path).map_err(|source| VisionError::Missing { path: path.clone(), source })?;
    toml::from_str(&text).map_err(|error| VisionError::Weights { path, problem: error.to_string() })
}

/// The entries of encoders that operators bring, in the order of their names; none where there is no such folder.
fn brought(weights: &Path) -> Result<Vec<PathBuf>, VisionError> {
    let folder = weights.join("cache/models.d");
    let unreadable = |source| VisionError::Missing { path: folder.clone(), source };
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    Ok(paths)
}

impl Manifest {
    /// Reads `manifest.toml` in the folder `weights`, and the entries of encoders that operators bring, which
    /// `scripts/setup` has made of `manifest.d/`: `cache/models.d/*.toml`.
    ///
    /// # Errors
    /// When one says something unexpected or names a model that is already there, or `manifest.toml` is missing.
    pub fn read(weights: &Path) -> Result<Self, VisionError> {
        let mut manifest = read_file(weights.join("manifest.toml"))?;
        for path in brought(weights)? {
            for model in read_file(path.clone())?.models {
                if manifest.model(&model.id).is_some() {
                    let problem = format!("there is another model `{}`", model.id);
                    return Err(VisionError::Weights { path, problem });
                }
                manifest.models.push(model);
            }
        }
        Ok(manifest)
    }

    /// The model with this id.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The encoder with this id, and how to use it.
    #[must_use]
    pub fn encoder(&self, id: &str) -> Option<(&Model, &Encoder)> {
        match self.model(id)? {
            model @ Model { role: Role::Encoder(encoder), .. } => Some((model, encoder)),
            Model { role: Role::Detector | Role::Liveness(_), .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Alignment, Colour, Layout, Liveness, Manifest, Origin, PerColour, Preparation, Role};

    const TEXT: &str = r#"
        [[package]]
        name = "somewhere"

        [[model]]
        id = "net"
        role = "detector"
        file = "cache/net.pt"
        reference = "references/net.json"
        input_shape = [-1, -1, 3]

        [[model]]
        id = "code"
        role = "encoder"
        file = "cache/code.pt"
        reference = "references/code.json"
        input_shape = [112, 112, 3]
        alignment = "arcface-112"
        dimension = 192
        contract = "code-192/1"
        calibration = [[1e-2, 0.3], [1e-4, 0.5]]

        [[model]]
        id = "alive"
        role = "liveness"
        from = "operator"
        file = "cache/alive.pt"
        reference = "references/alive.json"
        input_shape = [80, 80, 3]
        box_scale = 2.7
        real_class = 1
    "#;

    #[test]
    fn encoders_are_told_from_detectors() {
        let manifest: Manifest = toml::from_str(TEXT).expect("well formed");
        let (model, encoder) = manifest.encoder("code").expect("is an encoder");
        assert_eq!((model.id.as_str(), encoder.alignment, encoder.dimension), ("code", Alignment::Arcface, 192));
        assert!(manifest.encoder("net").is_none() && manifest.encoder("alive").is_none());
        assert!(manifest.model("net").is_some());
        assert!(manifest.model("absent").is_none());
    }

    #[test]
    fn only_a_net_that_says_so_is_fed_prepared_numbers() {
        let with = |lines: &str| {
            let text = TEXT.replace("dimension = 192", &format!("dimension = 192\n{lines}"));
            let manifest: Manifest = toml::from_str(&text).expect("well formed");
            manifest.encoder("code").and_then(|(model, _)| model.preparation())
        };
        assert_eq!(with("input_layout = \"nhwc\"\ncolour = \"rgb\""), None);
        let expected = Preparation {
            layout: Layout::Nchw,
            colour: Colour::Bgr,
            mean: PerColour::Each([104.0, 117.0, 123.0]),
            scale: PerColour::Same(128.0),
        };
        let lines = "input_layout = \"nchw\"\ncolour = \"bgr\"\nmean = [104, 117.0, 123]\nscale = 128";
        assert_eq!(with(lines), Some(expected));
    }

    /// A folder of weights with this manifest, and an operator's encoder of this id.
    fn check_brought(folder: &str, id: &str, expected: Result<usize, &str>) {
        let folder = std::env::temp_dir().join(format!("rollcall-{folder}-{}", std::process::id()));
        let models = folder.join("cache/models.d");
        std::fs::create_dir_all(&models).expect("a folder for the test");
        std::fs::write(folder.join("manifest.toml"), TEXT).expect("written");
        let entry =
            &TEXT[TEXT.find("id = \"code\"").expect("is there")..TEXT.find("id = \"alive\"").expect("is there")];
        let entry = format!("[[model]]\n{}", entry.replace("\"code\"", &format!("\"{id}\"")));
        std::fs::write(models.join("own.toml"), entry.trim_end().trim_end_matches("[[model]]")).expect("written");
        std::fs::write(models.join("own.pt"), "not looked at").expect("written");
        let found = Manifest::read(&folder).map(|manifest| manifest.models.len()).map_err(|error| error.to_string());
        std::fs::remove_dir_all(&folder).expect("it was made");
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(expected)) => assert!(found.ends_with(expected), "{found}"),
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn encoders_that_operators_bring_are_added() {
        check_brought("brought", "own", Ok(4));
        check_brought("twice", "net", Err("there is another model `net`"));
    }

    #[test]
    fn models_of_the_operators_are_told_from_packages() {
        let manifest: Manifest = toml::from_str(TEXT).expect("well formed");
        assert_eq!(manifest.model("net").map(|model| model.origin), Some(Origin::Package));
        let alive = manifest.model("alive").expect("it is there");
        assert_eq!(alive.origin, Origin::Operator);
        assert_eq!(alive.role, Role::Liveness(Liveness { box_scale: 2.7, real_class: 1 }));
    }

    #[test]
    fn a_calibration_may_be_absent_but_not_wrong() {
        let line = "calibration = [[1e-2, 0.3], [1e-4, 0.5]]";
        let calibration = |text: &str| {
            let manifest: Manifest = toml::from_str(text).expect("well formed");
            manifest.encoder("code").expect("is an encoder").1.calibration.clone()
        };
        assert!(calibration(TEXT).is_some() && calibration(&TEXT.replace(line, "")).is_none());
        for (from, to) in [(line, "calibration = [[1e-4, 0.3], [1e-2, 0.5]]"), ("arcface-112", "arcface")] {
            assert!(toml::from_str::<Manifest>(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }
}
