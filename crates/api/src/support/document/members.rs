//! Members of a document that have no place in utoipa's attributes, each given in JSON.

use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::{Content, Header, RefOr, Response};

use super::{Document, verbatim, xml};

fn put(extensions: &mut Option<Extensions>, member: &str, json: &str) {
    extensions.get_or_insert_default().insert(member.to_owned(), verbatim(json));
}

/// Of the frame.
impl Document<'_> {
    /// Sets a member of the licence.
    pub fn license_member(&mut self, member: &str, json: &str) {
        if let Some(license) = &mut self.0.info.license {
            put(&mut license.extensions, member, json);
        }
    }

    /// Sets a member of a server.
    pub fn server_member(&mut self, url: &str, member: &str, json: &str) {
        if let Some(server) = self.0.servers.iter_mut().flatten().find(|server| server.url == url) {
            put(&mut server.extensions, member, json);
        }
    }

    /// Sets a member of a tag.
    pub fn tag_member(&mut self, tag: &str, member: &str, json: &str) {
        if let Some(tag) = self.0.tags.iter_mut().flatten().find(|known| known.name == tag) {
            put(&mut tag.extensions, member, json);
        }
    }

    /// Sets a kind of components that nothing here describes.
    pub fn components_member(&mut self, kind: &str, json: &str) {
        put(&mut self.components().extensions, kind, json);
    }

    /// Replaces a part of the component `schema`: what `path` leads to (`properties/User`), nothing for the whole.
    pub fn schema(&mut self, schema: &str, path: &str, json: &str) {
        if let Some(schema) = self.components().schemas.get_mut(schema) {
            xml::replace(schema, path, verbatim::schema(json));
        }
    }

    /// Replaces the schema of a shared parameter.
    pub fn shared_parameter_schema(&mut self, component: &str, json: &str) {
        if let Some(RefOr::T(parameter)) = self.components().parameters.get_mut(component) {
            parameter.schema = Some(verbatim::schema(json));
        }
    }

    /// Sets a member of a shared parameter.
    pub fn shared_parameter_member(&mut self, component: &str, member: &str, json: &str) {
        if let Some(RefOr::T(parameter)) = self.components().parameters.get_mut(component) {
            put(&mut parameter.extensions, member, json);
        }
    }
}

/// Of operations.
impl Document<'_> {
    /// Sets a member of an operation.
    pub fn operation_member(&mut self, operation_id: &str, member: &str, json: &str) {
        if let Some(operation) = self.operation(operation_id) {
            put(&mut operation.extensions, member, json);
        }
    }

    /// Takes back the tag that utoipa makes of a module's name.
    pub fn remove_tags(&mut self, operation_id: &str) {
        if let Some(operation) = self.operation(operation_id) {
            operation.tags = None;
        }
    }

    /// Replaces the schema of a parameter.
    pub fn parameter_schema(&mut self, operation_id: &str, location: &str, name: &str, json: &str) {
        if let Some(parameter) = self.parameter(operation_id, location, name) {
            parameter.schema = Some(verbatim::schema(json));
        }
    }

    /// Takes the schema from a parameter that travels as a media type.
    pub fn remove_parameter_schema(&mut self, operation_id: &str, location: &str, name: &str) {
        if let Some(parameter) = self.parameter(operation_id, location, name) {
            parameter.schema = None;
        }
    }

    /// Sets a member of a parameter.
    pub fn parameter_member(&mut self, operation_id: &str, location: &str, name: &str, member: &str, json: &str) {
        if let Some(parameter) = self.parameter(operation_id, location, name) {
            put(&mut parameter.extensions, member, json);
        }
    }

    /// Says that nothing is known of a body.
    pub fn remove_content(&mut self, operation_id: &str) {
        if let Some(body) = self.body(operation_id) {
            body.content.clear();
        }
    }

    /// Replaces the schema of a body in one of its forms.
    pub fn request_schema(&mut self, operation_id: &str, media_type: &str, json: &str) {
        let content = self.body(operation_id).and_then(|body| body.content.get_mut(media_type));
        if let Some(RefOr::T(content)) = content {
            content.schema = Some(verbatim::schema(json));
        }
    }

    /// Sets a member of a body.
    pub fn request_member(&mut self, operation_id: &str, member: &str, json: &str) {
        if let Some(body) = self.body(operation_id) {
            put(&mut body.extensions, member, json);
        }
    }

    /// Sets a member of a body in one of its forms.
    pub fn request_content_member(&mut self, operation_id: &str, media_type: &str, member: &str, json: &str) {
        let content = self.body(operation_id).and_then(|body| body.content.get_mut(media_type));
        if let Some(RefOr::T(content)) = content {
            put(&mut content.extensions, member, json);
        }
    }

    fn parameter(&mut self, operation_id: &str, location: &str, name: &str) -> Option<&mut Parameter> {
        let parameters = self.operation(operation_id)?.parameters.iter_mut().flatten();
        let mut inline = parameters.filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
        inline.find(|parameter| parameter.name == name && super::location(&parameter.parameter_in) == location)
    }

    fn body(&mut self, operation_id: &str) -> Option<&mut RequestBody> {
        match self.operation(operation_id)?.request_body.as_mut()? {
            RefOr::T(body) => Some(body),
            RefOr::Ref(_) => None,
        }
    }
}

/// Of responses.
impl Document<'_> {
    /// Replaces the schema of a shared response in one of its forms.
    pub fn response_schema(&mut self, component: &str, media_type: &str, json: &str) {
        if let Some(content) = self.response_content(component, media_type) {
            content.schema = Some(verbatim::schema(json));
        }
    }

    /// Sets a member of a shared response.
    pub fn response_member(&mut self, component: &str, member: &str, json: &str) {
        if let Some(response) = self.response(component) {
            put(&mut response.extensions, member, json);
        }
    }

    /// Sets a member of a shared response in one of its forms.
    pub fn response_content_member(&mut self, component: &str, media_type: &str, member: &str, json: &str) {
        if let Some(content) = self.response_content(component, media_type) {
            put(&mut content.extensions, member, json);
        }
    }

    /// Replaces the schema of a header of a shared response.
    pub fn header_schema(&mut self, component: &str, header: &str, json: &str) {
        if let Some(header) = self.header(component, header) {
            header.schema = Some(verbatim::schema(json));
        }
    }

    /// Takes the schema from a header that travels as a media type.
    pub fn remove_header_schema(&mut self, component: &str, header: &str) {
        if let Some(header) = self.header(component, header) {
            header.schema = None;
        }
    }

    /// Sets a member of a header of a shared response.
    pub fn header_member(&mut self, component: &str, header: &str, member: &str, json: &str) {
        if let Some(header) = self.header(component, header) {
            put(&mut header.extensions, member, json);
        }
    }

    fn response(&mut self, component: &str) -> Option<&mut Response> {
        match self.components().responses.get_mut(component)? {
            RefOr::T(response) => Some(response),
            RefOr::Ref(_) => None,
        }
    }

    fn response_content(&mut self, component: &str, media_type: &str) -> Option<&mut Content> {
        match self.response(component)?.content.get_mut(media_type)? {
            RefOr::T(content) => Some(content),
            RefOr::Ref(_) => None,
        }
    }

    fn header(&mut self, component: &str, header: &str) -> Option<&mut Header> {
        match self.response(component)?.headers.get_mut(header)? {
            RefOr::T(header) => Some(header),
            RefOr::Ref(_) => None,
        }
    }
}
