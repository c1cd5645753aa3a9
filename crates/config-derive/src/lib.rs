//! `#[derive(Config)]`: see `config::Config` for what it takes and gives.

use proc_macro::TokenStream;
use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::{format_ident, quote};
use syn::{
    Data, DeriveInput, Error, Expr, ExprLit, Field, Lit, LitStr, Path, Result, Token, parse_macro_input,
};

/// Derives `config::Config`.
#[proc_macro_derive(Config, attributes(config))]
pub fn derive_config(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

#[derive(Default)]
struct StructOptions {
    group: Option<LitStr>,
    check: Option<Path>,
}

#[derive(Default)]
struct FieldOptions {
    flatten: bool,
    key: Option<LitStr>,
    default: Option<LitStr>,
    importance: Option<Ident>,
    group: Option<LitStr>,
    width: Option<Ident>,
    display: Option<LitStr>,
    validator: Option<Expr>,
    recommender: Option<Expr>,
    dependents: Vec<LitStr>,
}

fn expand(input: &DeriveInput) -> Result<Tokens> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "Config can be derived for structs with named fields"));
    };
    let config = config_path()?;
    let options = struct_options(input)?;
    let name = &input.ident;
    let mut adds = Vec::new();
    let mut reads = Vec::new();
    let mut names = Vec::new();
    for field in &data.fields {
        let Some(ident) = &field.ident else {
            return Err(Error::new_spanned(field, "Config can be derived for structs with named fields"));
        };
        let (add, read) = expand_field(field, ident, &options, &config)?;
        adds.push(add);
        reads.push(read);
        names.push(ident);
    }
    let check = options.check.map(|path| quote! { #path(self, report); });
    let flat_checks = data.fields.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let flat = field_options(field).ok()?.flatten;
        flat.then(|| quote! { #config::Config::cross_check(&self.#ident, report); })
    });
    Ok(quote! {
        impl #config::Config for #name {
            fn definition() -> &'static #config::ConfigDef {
                static DEFINITION: ::std::sync::LazyLock<#config::ConfigDef> = ::std::sync::LazyLock::new(|| {
                    let mut definition = #config::ConfigDef::new();
                    #(#adds)*
                    definition
                });
                &DEFINITION
            }

            fn from_parsed(values: &#config::ParsedConfig) -> ::std::result::Result<Self, #config::Report> {
                let mut report = #config::Report::default();
                #(#reads)*
                match (#(#names,)*) {
                    (#(Some(#names),)*) => Ok(Self { #(#names),* }),
                    _ => Err(report),
                }
            }

            fn cross_check(&self, report: &mut #config::Report) {
                let _ = &report;
                #(#flat_checks)*
                #check
            }
        }
    })
}

fn expand_field(
    field: &Field,
    ident: &Ident,
    on_struct: &StructOptions,
    config: &Tokens,
) -> Result<(Tokens, Tokens)> {
    let options = field_options(field)?;
    let field_type = &field.ty;
    if options.flatten {
        let add = quote! { definition.add_all(<#field_type as #config::Config>::definition()); };
        let read = quote! {
            let #ident = <#field_type as #config::Config>::from_parsed(values)
                .map_err(|problems| report.merge(problems))
                .ok();
        };
        return Ok((add, read));
    }
    let documentation = documentation(field);
    if documentation.is_empty() {
        return Err(Error::new_spanned(
            ident,
            "a config key needs a doc comment: it is the user's documentation",
        ));
    }
    let Some(key) = &options.key else {
        return Err(Error::new_spanned(ident, "a config key needs `#[config(key = \"…\")]`"));
    };
    let default = match &options.default {
        Some(text) => quote! { #config::DefaultValue::Text(#text.to_owned()) },
        None => quote! {
            match <#field_type as #config::FieldType>::OPTIONAL {
                true => #config::DefaultValue::Null,
                false => #config::DefaultValue::Required,
            }
        },
    };
    let importance = options.importance.unwrap_or_else(|| format_ident!("Medium"));
    let width = options.width.unwrap_or_else(|| format_ident!("None"));
    let group = match options.group.as_ref().or(on_struct.group.as_ref()) {
        Some(group) => quote! { Some(#group.to_owned()) },
        None => quote! { None },
    };
    let display = options.display.as_ref().unwrap_or(key);
    let validator = match &options.validator {
        Some(expression) => quote! { Some(#expression) },
        None => quote! {
            match <#field_type as #config::FieldType>::choices() {
                [] => None,
                choices => Some(#config::Validator::OneOfIgnoringCase(choices)),
            }
        },
    };
    let recommender = match &options.recommender {
        Some(path) => quote! { Some(#path) },
        None => quote! { None },
    };
    let dependents = &options.dependents;
    let add = quote! {
        definition.add(#config::ConfigKey {
            name: #key.to_owned(),
            value_type: <#field_type as #config::FieldType>::TYPE,
            default: #default,
            validator: #validator,
            importance: #config::Importance::#importance,
            documentation: #documentation.to_owned(),
            group: #group,
            order_in_group: -1,
            width: #config::Width::#width,
            display_name: #display.to_owned(),
            dependents: vec![#(#dependents.to_owned()),*],
            recommender: #recommender,
        });
    };
    let read = quote! { let #ident = values.field::<#field_type>(#key, &mut report); };
    Ok((add, read))
}

fn struct_options(input: &DeriveInput) -> Result<StructOptions> {
    let mut options = StructOptions::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("config")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("group") {
                options.group = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("check") {
                options.check = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("expected `group` or `check`"));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn field_options(field: &Field) -> Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("config")) {
        attribute.parse_nested_meta(|meta| {
            let Some(word) = meta.path.get_ident().map(Ident::to_string) else {
                return Err(meta.error("expected a word"));
            };
            match word.as_str() {
                "flatten" => options.flatten = true,
                "key" => options.key = Some(meta.value()?.parse()?),
                "default" => options.default = Some(meta.value()?.parse()?),
                "importance" => options.importance = Some(meta.value()?.parse()?),
                "group" => options.group = Some(meta.value()?.parse()?),
                "width" => options.width = Some(meta.value()?.parse()?),
                "display" => options.display = Some(meta.value()?.parse()?),
                "validator" => options.validator = Some(meta.value()?.parse()?),
                "recommender" => options.recommender = Some(meta.value()?.parse()?),
                "dependents" => {
                    let list;
                    let value = meta.value()?;
                    syn::bracketed!(list in value);
                    options.dependents =
                        list.parse_terminated(|item| item.parse(), Token![,])?.into_iter().collect();
                }
                _ => return Err(meta.error("unknown option; see the documentation of `config::Config`")),
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn documentation(field: &Field) -> String {
    let lines =
        field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
            match &attribute.meta.require_name_value().ok()?.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
                _ => None,
            }
        });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}

// A connector sees `api`, which re-exports `config`; other crates depend on `config` itself.
fn config_path() -> Result<Tokens> {
    let found = |name: &str| match crate_name(name) {
        Ok(FoundCrate::Itself) => {
            let ident = Ident::new(&name.replace('-', "_"), Span::call_site());
            Some(quote! { ::#ident })
        }
        Ok(FoundCrate::Name(name)) => {
            let ident = Ident::new(&name, Span::call_site());
            Some(quote! { ::#ident })
        }
        Err(_) => None,
    };
    if let Some(path) = found("sluice-config") {
        return Ok(path);
    }
    match found("sluice-api") {
        Some(path) => Ok(quote! { #path::config }),
        None => Err(Error::new(
            Span::call_site(),
            "derive(Config) needs `config` or `api` among the dependencies",
        )),
    }
}
