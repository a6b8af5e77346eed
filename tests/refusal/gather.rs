//! Gather tables that the encoder could not follow.

use trapkey::{
    Bundle, ContentsError, EnvironmentFault, GatherError, GatherTable, Handle, LayoutDigest,
    PackError, PathFault, ProjectionFault, ProjectionOwner, Template, Type,
};
use trapkey_abi::{Layout, Path, Projection};
use trapkey_tests::fixture::{DENY, Fixture, release, schema};

const USER: usize = 2;

#[track_caller]
fn check_fixture(fixture: &Fixture, want: GatherError) {
    match Bundle::pack(&release(), &fixture.module()) {
        Err(PackError::Contents(ContentsError::Gather(error))) => assert_eq!(error, want),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut GatherTable), want: GatherError) {
    let mut fixture = Fixture::new(DENY);
    change(&mut fixture.gather);
    check_fixture(&fixture, want);
}

#[track_caller]
fn check_environment(change: impl FnOnce(&mut GatherTable), fault: EnvironmentFault) {
    check(change, GatherError::Environment { environment: 0, fault });
}

#[test]
fn table_for_another_schema_is_refused() {
    let want = Layout::new(&schema()).digest;
    let found = LayoutDigest::default();
    check(|table| table.layout = found, GatherError::Layout { found, want });
    check(|table| table.entity_types.truncate(1), GatherError::EntityTypes { found: 1, want: 3 });
}

#[test]
fn path_out_of_place_is_refused() {
    let fault = PathFault::Position;
    check(|table| table.paths.reverse(), GatherError::Path { path: 0, fault });
    check(|table| table.paths[2] = Path::Principal, GatherError::Path { path: 2, fault });
    for of in [2, 3, u32::MAX] {
        check(
            |table| table.paths[2] = Path::Row { of, offset: 0 },
            GatherError::Path { path: 2, fault: PathFault::Forward },
        );
    }
}

#[test]
fn environment_that_the_schema_has_not_is_refused() {
    check_environment(|table| table.environments[0].action = 1, EnvironmentFault::Action);
    check_environment(
        |table| table.environments[0].principal_type = 1,
        EnvironmentFault::PrincipalType,
    );
    check_environment(
        |table| table.environments[0].resource_type = 7,
        EnvironmentFault::ResourceType,
    );
    check_environment(|table| table.environments[0].context = 1, EnvironmentFault::Context);
    check(
        |table| table.environments.push(table.environments[0].clone()),
        GatherError::Environment { environment: 1, fault: EnvironmentFault::Order },
    );
}

#[test]
fn paths_of_an_environment_must_be_followable() {
    check_environment(
        |table| table.environments[0].paths = vec![1, 0],
        EnvironmentFault::PathOrder,
    );
    check_environment(
        |table| table.environments[0].paths = vec![0, 9],
        EnvironmentFault::PathIndex { path: 9 },
    );
    check_environment(
        |table| table.environments[0].paths = vec![1, 2],
        EnvironmentFault::PathStart { path: 2 },
    );
}

#[test]
fn templates_of_an_environment_must_be_templates() {
    let fault = EnvironmentFault::Template { template: 0 };
    check_environment(|table| table.environments[0].templates = vec![0], fault);
    let mut fixture = Fixture::new(DENY);
    fixture.policies[0].template = Some(Template::default());
    fixture.gather.environments[0].templates = vec![0];
    Bundle::pack(&release(), &fixture.module()).unwrap();
    fixture.gather.environments[0].templates = vec![0, 0];
    check_fixture(&fixture, GatherError::Environment { environment: 0, fault });
}

#[test]
fn path_must_end_at_a_copied_handle() {
    let fault = EnvironmentFault::PathOffset { path: 2 };
    check_environment(|table| table.paths[2] = Path::Row { of: 0, offset: 4 }, fault);
    check_environment(|table| table.paths[2] = Path::Row { of: 1, offset: 0 }, fault);
    check_environment(|table| table.paths[2] = Path::Context { offset: 0 }, fault);
    // The attribute is there, but not copied into frames.
    check_environment(|table| table.entity_types[USER] = Projection::default(), fault);
}

#[test]
fn literal_may_be_of_any_type() {
    let mut fixture = Fixture::new(DENY);
    let Path::Row { offset, .. } = fixture.gather.paths[2] else { panic!("a row") };
    fixture.gather.paths[2] = Path::Literal { handle: Handle { high: 1, low: 1 } };
    fixture.gather.paths.push(Path::Row { of: 2, offset });
    fixture.gather.environments[0].paths = vec![2, 3];
    Bundle::open(&fixture.packed()).expect("some type has a handle there");
    fixture.gather.paths[3] = Path::Row { of: 2, offset: offset + 8 };
    let fault = EnvironmentFault::PathOffset { path: 3 };
    check_fixture(&fixture, GatherError::Environment { environment: 0, fault });
}

#[test]
fn tags_must_be_where_the_layout_has_them() {
    let mut schema = schema();
    schema.entity_types[USER].tags = Some(Type::Entity("Document".to_owned()));
    let mut fixture = Fixture::for_schema(schema, DENY);
    let offset = Layout::new(&fixture.schema).entity_types[USER].tags.expect("declared");
    let projection = &mut fixture.gather.entity_types[USER];
    let word = usize::try_from(offset / 8).expect("small");
    projection.mask.resize(projection.mask.len().max(word + 1), 0);
    projection.mask[word] = u64::MAX;
    projection.spills.push(offset);
    projection.spills.sort_unstable();
    let tags = |stride, handle| Path::Tags { of: 0, offset, stride, handle };
    fixture.gather.paths[2] = tags(24, 8);
    Bundle::open(&fixture.packed()).expect("the path follows the layout");
    for (stride, handle) in [(16, 8), (24, 0), (24, 16)] {
        fixture.gather.paths[2] = tags(stride, handle);
        let fault = EnvironmentFault::PathOffset { path: 2 };
        check_fixture(&fixture, GatherError::Environment { environment: 0, fault });
    }
}

#[test]
fn projection_must_stay_inside_the_row() {
    let owner = ProjectionOwner::EntityType(USER);
    check(
        |table| table.entity_types[USER].mask.resize(64, 0),
        GatherError::Projection { owner, fault: ProjectionFault::Length },
    );
    let owner = ProjectionOwner::Environment(0);
    check(
        |table| table.contexts[0].mask.push(0),
        GatherError::Projection { owner, fault: ProjectionFault::Length },
    );
}

#[test]
fn spill_must_be_a_copied_descriptor() {
    let owner = ProjectionOwner::EntityType(USER);
    let spill = |offset| {
        let fault = ProjectionFault::Spill { offset };
        GatherError::Projection { owner, fault }
    };
    let name = Fixture::new(DENY).gather.entity_types[USER].spills[0];
    check(|table| table.entity_types[USER].spills = vec![4], spill(4));
    check(|table| table.entity_types[USER].spills = vec![u32::MAX], spill(u32::MAX));
    check(|table| table.entity_types[USER].mask.clear(), spill(name));
    let fault = ProjectionFault::SpillOrder;
    check(
        |table| table.entity_types[USER].spills = vec![name, name],
        GatherError::Projection { owner, fault },
    );
}
