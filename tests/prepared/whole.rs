//! What a context means: all that its row holds, in the one order that the encoder writes it.

use trapkey::{Handle, Model, Record, Request, Type};
use trapkey_abi::{
    EncodeRequest, Environment, FieldLayout, GatherTable, Path, Projection, RecordLayout, RowRef,
    Rows, encode,
};

struct NoRows;

impl Rows for NoRows {
    fn row(&self, _: Handle) -> Option<RowRef<'_>> {
        None
    }
}

/// The frame of a module that reads every attribute of the context.
pub(crate) fn whole(model: &Model, request: &Request) -> Vec<u8> {
    let action = request.action() as usize;
    let layout = &model.layout().contexts[action];
    let mut spills = Vec::new();
    collect(&layout.fields, &model.schema().actions[action].context, 0, &mut spills);
    spills.sort_unstable();
    let mask = vec![u64::MAX; layout.size as usize / 8];
    let table = GatherTable {
        layout: model.layout().digest,
        paths: vec![Path::Principal, Path::Resource],
        environments: vec![Environment {
            action: request.action(),
            principal_type: request.principal().entity_type(),
            resource_type: request.resource().entity_type(),
            context: 0,
            paths: Vec::new(),
            templates: Vec::new(),
        }],
        entity_types: Vec::new(),
        contexts: vec![Projection { mask, spills }],
    };
    let encoded = EncodeRequest {
        environment: 0,
        principal: request.principal().handle(),
        resource: request.resource().handle(),
        context: request.context().bytes(),
        now: request.at().map(|at| at.0),
        grants: &[],
    };
    let mut frame = vec![0xa5; 1 << 20];
    let len = encode(&table, &encoded, &NoRows, &mut frame).unwrap();
    frame.truncate(len);
    frame
}

fn collect(fields: &[FieldLayout], record: &Record, base: u32, spills: &mut Vec<u32>) {
    for (field, attribute) in fields.iter().zip(record.attributes.values()) {
        let at = base + field.offset;
        match &attribute.ty {
            Type::String | Type::Set(_) => spills.push(at),
            Type::Record(record) => {
                collect(&RecordLayout::new(record).fields, record, at, spills);
            }
            _ => {}
        }
    }
}
