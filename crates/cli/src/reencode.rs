//! `rollcall reencode`: an organization moves to another encoder.
//!
//! Templates of one encoder say nothing to another, so new ones are made of the photos that the organization retained.
//! Until the switch its people are recognised with the old ones; both lie side by side.

use std::io::Write;

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use domain::contract::ContractId;
use domain::enrollment::TemplateOrigin;
use store::Sealer;
use store::templates::{NewSample, RetainedPhoto, Standing, retained_photos, standings};
use vision::{AnalysedFace, Pipeline, VisionSettings, Wants};

use crate::arguments::Reencode;
use crate::database;
use crate::settings::Settings;
use crate::workers;

/// Makes templates for the encoder that the command names, tells who must enroll again, and switches when that is asked.
pub(crate) async fn reencode(settings: &Settings, wanted: &Reencode) -> anyhow::Result<()> {
    let sealer = Sealer::of(&settings.database).context("database.template_key is needed")?;
    let (_pool, mut conn) = database::connect(settings).await?;
    let organization = store::organizations::find(&mut conn, wanted.organization)
        .await
        .with_context(|| format!("there is no organization {}", wanted.organization))?;
    let vision = VisionSettings {
        encoder: wanted.to.clone(),
        also: Vec::new(),
        max_dimension: settings.vision.max_dimension,
        ..settings.vision.clone()
    };
    let encoder = load(vision.clone()).await?;
    let contract = encoder.contract.clone();
    let mut encoder = Some(encoder);
    let (mut made, mut lost) = (0, Vec::new());
    let everybody = standings(&mut conn, organization.id, &contract).await?;
    ensure!(!everybody.is_empty(), "nobody in {} is enrolled", organization.name);
    let count = everybody.len();
    for standing in everybody {
        match work(&standing) {
            Work::Nothing => {}
            Work::Lost => lost.push(standing),
            Work::Encode => {
                let photos = retained_photos(&mut conn, &sealer, organization.id, standing.label.person_id).await?;
                let Some(models) = encoder.take() else { bail!("the models are gone") };
                let augmentations = wanted.augmentations;
                let (models, samples) =
                    tokio::task::spawn_blocking(move || models.samples(&photos, augmentations)).await?;
                encoder = Some(models);
                let samples = samples?;
                if samples.is_empty() {
                    lost.push(standing);
                    continue;
                }
                let person = standing.label.person_id;
                store::templates::replace(&mut conn, &sealer, organization.id, person, &contract, &samples, Utc::now())
                    .await?;
                made += 1;
            }
        }
    }
    println!("{count} people are enrolled in {}; {made} got new templates of {contract}", organization.name);
    tell_lost(&lost, &contract)?;
    if !wanted.switch {
        println!("people are still recognised with {}: --switch changes that", current(organization.contract.as_ref()));
        return Ok(());
    }
    if !lost.is_empty() && !wanted.leave_behind {
        bail!("{} people would not be recognised any more: enroll them again, or add --leave-behind", lost.len());
    }
    let bumped = store::organizations::set_contract(&mut conn, organization.id, &contract).await?;
    workers::raise(settings, &mut conn, organization.id, &bumped).await;
    println!("people of {} are recognised with {contract} from now on", organization.name);
    Ok(())
}

/// What is to be done about somebody.
#[derive(Debug, PartialEq, Eq)]
enum Work {
    /// They have templates of all photos that are retained.
    Nothing,
    /// They have photos that are not encoded.
    Encode,
    /// They have neither templates nor photos.
    Lost,
}

fn work(standing: &Standing) -> Work {
    let is_new = standing.retained.iter().any(|photo| !standing.encoded.contains(photo));
    match (is_new, standing.is_encoded) {
        (true, _) => Work::Encode,
        (false, true) => Work::Nothing,
        (false, false) => Work::Lost,
    }
}

/// The models, which make one person's samples after the other's.
struct Encoder {
    pipeline: Pipeline,
    contract: ContractId,
    max_dimension: u32,
}

async fn load(settings: VisionSettings) -> anyhow::Result<Encoder> {
    tokio::task::spawn_blocking(move || {
        let pipeline = Pipeline::load(&settings).context("the models cannot be loaded")?;
        let contract = pipeline.contracts().first().map(|contract| (*contract).clone());
        let contract = contract.context("no encoder is loaded")?;
        Ok(Encoder { pipeline, contract, max_dimension: settings.max_dimension })
    })
    .await?
}

impl Encoder {
    fn samples(self, photos: &[RetainedPhoto], augmentations: usize) -> (Self, anyhow::Result<Vec<NewSample>>) {
        let samples = photos.iter().map(|photo| self.samples_of(photo, augmentations)).collect::<Result<Vec<_>, _>>();
        let samples = samples.map(|samples| samples.into_iter().flatten().collect());
        (self, samples)
    }

    /// Those of one photo: its largest face is the one that was accepted.
    fn samples_of(&self, photo: &RetainedPhoto, augmentations: usize) -> anyhow::Result<Vec<NewSample>> {
        let picture = vision::decode(&photo.image, self.max_dimension)?;
        let wants = Wants { augmentations, ..Wants::default() };
        let analysis = self.pipeline.analyse_with(&self.contract, &[picture], wants)?;
        let largest = analysis.pictures.into_iter().next().and_then(|faces| faces.into_iter().next());
        let Some(AnalysedFace { embedding, augmented, .. }) = largest else { return Ok(Vec::new()) };
        let sample = |embedding, origin| NewSample { photo: photo.id, embedding, quality: photo.quality, origin };
        let mut samples = vec![sample(embedding, TemplateOrigin::Original)];
        samples.extend(augmented.into_iter().map(|face| sample(face, TemplateOrigin::Augmented)));
        Ok(samples)
    }
}

fn tell_lost(lost: &[Standing], contract: &ContractId) -> anyhow::Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "no photos of these {} were retained: for {contract} they must enroll again", lost.len())?;
    for Standing { label, .. } in lost {
        writeln!(out, "  {}\t{}", label.external_id, label.name)?;
    }
    Ok(())
}

fn current(contract: Option<&ContractId>) -> String {
    contract.map_or_else(|| "no encoder".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use domain::event::PersonLabel;
    use domain::id::Id;
    use store::templates::Standing;

    use super::{Work, work};

    fn check(retained: usize, encoded: usize, is_encoded: bool, expected: &Work) {
        let photos: Vec<_> = (0..retained.max(encoded)).map(|_| Id::new()).collect();
        let label = PersonLabel { person_id: Id::new(), external_id: "1".to_owned(), name: "Somebody".to_owned() };
        let (retained, encoded) = (photos[..retained].to_vec(), photos[..encoded].to_vec());
        assert_eq!(work(&Standing { label, retained, encoded, is_encoded }), *expected);
    }

    #[test]
    fn only_what_is_missing_is_made() {
        check(3, 3, true, &Work::Nothing);
        check(3, 2, true, &Work::Encode);
        check(3, 0, false, &Work::Encode);
        check(0, 0, false, &Work::Lost);
        check(0, 0, true, &Work::Nothing);
        check(0, 2, true, &Work::Nothing);
    }
}
