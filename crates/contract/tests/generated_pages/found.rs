//! Reads a contract as the reference that it says.

use docwright_contract::Contract;
use docwright_contract::model::{Additional, MediaType, Operation as Found, RefOr, Schema, Type};
use indexmap::IndexMap;

use super::model::{Body, Operation, Parameter, Property, Reference, Ty};

/// The reference; an error where the contract says what none can.
pub(super) fn reference(contract: &Contract) -> Result<Reference, String> {
    let carriers = contract.schemas.iter().map(|(name, schema)| Ok((name.clone(), properties(schema)?)));
    let operations = contract.operations.iter().map(|found| operation(contract, found));
    Ok(Reference {
        carriers: carriers.collect::<Result<_, String>>()?,
        operations: operations.collect::<Result<_, _>>()?,
    })
}

fn properties(schema: &Schema) -> Result<Vec<Property>, String> {
    let Type::Object { properties, required, additional: Additional::Unstated } = &schema.ty else {
        return Err(format!("no carrier: {schema:?}"));
    };
    if !required.is_empty() || schema.nullable {
        return Err(format!("pages promise nothing: {schema:?}"));
    }
    let property = |(name, schema): (&String, &Schema)| {
        if !schema.nullable {
            return Err(format!("`{name}` can always be null"));
        }
        Ok(Property { name: name.clone(), ty: ty(schema)?, description: schema.description.clone() })
    };
    properties.iter().map(property).collect()
}

fn ty(schema: &Schema) -> Result<Ty, String> {
    if !schema.enumeration.is_empty() {
        let values = schema.enumeration.iter().map(|value| value.as_str().map(str::to_owned).ok_or("no text"));
        return Ok(Ty::Enumeration(values.collect::<Result<_, _>>()?));
    }
    let name = match (&schema.ty, schema.ty.format()) {
        (Type::Ref(name), _) => return Ok(Ty::Carrier(name.clone())),
        (Type::Array { items }, _) => return Ok(Ty::List(Box::new(ty(items)?))),
        (Type::Object { .. }, _) if schema.map_values().is_some() => {
            return Ok(Ty::Map(Box::new(ty(schema.map_values().unwrap_or(schema))?)));
        }
        (Type::Boolean, _) => "bool",
        (Type::String { .. }, None) => "string",
        (Type::String { .. } | Type::Integer { .. } | Type::Number { .. }, Some(format)) => format,
        other => return Err(format!("no type of pages: {other:?}")),
    };
    Ok(Ty::Scalar(name.to_owned()))
}

fn operation(contract: &Contract, found: &Found) -> Result<Operation, String> {
    let parameters = found.parameters.iter().map(|parameter| {
        let parameter = match parameter {
            RefOr::Inline(parameter) => parameter,
            RefOr::Ref(name) => contract.parameters.get(name).ok_or_else(|| format!("no parameter `{name}`"))?,
        };
        Ok(Parameter {
            name: parameter.name.clone(),
            place: parameter.location.as_str().to_owned(),
            ty: ty(&parameter.schema)?,
            required: parameter.required,
            description: parameter.description.clone(),
        })
    });
    let (mut statuses, mut answer) = (Vec::new(), None);
    for (status, response) in &found.responses {
        let RefOr::Inline(response) = response else { return Err(format!("{status} is shared")) };
        statuses.push((status.clone(), response.description.clone()));
        if !response.content.is_empty() {
            let of_status = body(&response.content)?;
            if answer.get_or_insert_with(|| of_status.clone()) != &of_status {
                return Err(format!("{status} has a body of its own"));
            }
        }
    }
    let signs_in = match &found.security {
        None => false,
        Some(alternatives) => match alternatives.iter().flat_map(|each| each.keys()).collect::<Vec<_>>().as_slice() {
            [first, second] if *first == "basic" && *second == "soTicket" => true,
            other => return Err(format!("signs in with {other:?}")),
        },
    };
    Ok(Operation {
        id: found.operation_id.clone(),
        tag: found.tags.join(", "),
        method: found.method.as_str().to_owned(),
        path: found.path.clone(),
        summary: found.summary.clone().unwrap_or_default(),
        description: found.description.clone(),
        parameters: parameters.collect::<Result<_, String>>()?,
        signs_in,
        request: found.request_body.as_ref().map(|found| body(&found.content)).transpose()?,
        statuses,
        answer,
    })
}

/// A body, which is the same in all its forms, and has an example where its sample is.
fn body(content: &IndexMap<String, MediaType>) -> Result<Body, String> {
    let mut found: Option<Ty> = None;
    for (name, form) in content {
        let schema = form.schema.as_ref().ok_or_else(|| format!("`{name}` has no schema"))?;
        let ty = ty(schema)?;
        if found.get_or_insert_with(|| ty.clone()) != &ty {
            return Err(format!("`{name}` is something else than the forms before it"));
        }
        if form.example.is_some() != (name == "application/json") {
            return Err(format!("`{name}` has not the example that the page shows"));
        }
    }
    Ok(Body { ty: found.ok_or("no form")?, media_types: content.keys().cloned().collect() })
}
