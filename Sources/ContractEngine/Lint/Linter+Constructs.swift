internal import ContractModel

extension Linter {
    /// What cannot be carried out as it stands, what is computed twice, and what can outgrow its item.
    func constructs() -> [Finding] {
        entities.flatMap { view in
            view.entity.attributes.compactMap { unusable($0, in: view) } + sameCalculations(view)
                + view.entity.attributes.compactMap { unbounded($0, in: view) }
        }
    }

    private func unusable(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        let marks = view.marks(of: attribute.name)
        // Of a key that is a number, `key-type` tells what its template makes.
        let isKey = attribute.format != nil && view.keys.contains { $0.attribute.name == attribute.name }
        let transformation = isKey ? nil : attribute.transformation
        let problems = [
            attribute.join.flatMap(ConstructProblem.of).map { ($0, marks?.join) },
            attribute.calculation.flatMap(ConstructProblem.of).map { ($0, marks?.calculation) },
            transformation.flatMap { ConstructProblem.of($0, type: attribute.type) }.map {
                ($0, marks?.transformation)
            },
            ConstructProblem.ofDate(attribute).map { ($0, marks?.start) },
        ]
        guard let (why, position) = problems.compactMap(\.self).first else { return nil }
        return finding(
            .constructUnusable, at: position, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) cannot be made: \(why).",
            advice: "Complete it as the contract's schema says; run time refuses to guess.")
    }

    private func sameCalculations(_ view: EntityView) -> [Finding] {
        var seen: [CalculatedValue: String] = [:]
        return view.entity.attributes.compactMap { attribute -> Finding? in
            guard let value = CalculatedValue(attribute) else { return nil }
            guard let first = seen[value] else {
                seen[value] = attribute.name
                return nil
            }
            return finding(
                .sameCalculation, at: view.marks(of: attribute.name)?.calculation, about: view.subject(attribute.name),
                "\(attribute.name) of \(view.name) is computed exactly as \(first) is: the two will always be equal.",
                advice: "Correct the one whose name says something else.")
        }
    }

    private func unbounded(_ attribute: ContractAttribute, in view: EntityView) -> Finding? {
        guard case .jsonConstruction(let construction)? = attribute.join?.kind, construction.shape == .array,
            construction.limit == nil
        else { return nil }
        return finding(
            .unboundedCollection, at: view.marks(of: attribute.name)?.join, about: view.subject(attribute.name),
            "\(attribute.name) of \(view.name) takes every row of \(construction.table.shown): an item holds 400 KB at most.",
            advice: "Give a `limit`, or give the rows items of their own where there can be thousands.")
    }
}

/// All that makes an attribute's value, where it is calculated: two attributes that have the same are always equal.
private struct CalculatedValue: Hashable {
    let calculation: ContractCalculation
    let transformation: ContractTransformation?
    let type: AttributeType

    init?(_ attribute: ContractAttribute) {
        guard let calculation = attribute.calculation else { return nil }
        self.calculation = calculation
        transformation = attribute.transformation
        type = attribute.type
    }
}

/// Why a construct cannot be carried out, as half a sentence.
private enum ConstructProblem {
    static func of(_ join: ContractJoin) -> String? {
        if case .unknown(let construct) = join.kind {
            let known = [
                "self-join", "foreign-key", "multi-column", "conditional", "chain", "lookup-table", "json-construction",
            ]
            if construct.type.isEmpty { return "its join has no type" }
            return known.contains(construct.type)
                ? "its \(construct.type) join lacks something that this type needs"
                : "its join has the type \"\(construct.type.shown)\", which is none of \(known.joined(separator: ", "))"
        }
        var conditions = join.steps.flatMap(\.conditions)
        var expressions = join.steps.map(\.select)
        switch join.kind {
        case .conditional(let conditional):
            conditions.append(conditional.condition)
            expressions += [conditional.elseValue].compactMap(\.self)
        case .jsonConstruction(let construction):
            conditions += construction.conditions
            expressions += construction.members.map(\.value) + construction.order.map(\.by)
        default: break
        }
        return unreadable(conditions, expressions)
    }

    static func of(_ calculation: ContractCalculation) -> String? {
        switch calculation {
        case .unknown(let construct):
            let known = ["aggregate", "case", "concat", "date-math"]
            if construct.type.isEmpty { return "its calculation has no type" }
            return known.contains(construct.type)
                ? "its \(construct.type) calculation lacks something that this type needs"
                : "its calculation has the type \"\(construct.type.shown)\", which is none of \(known.joined(separator: ", "))"
        case .aggregate(let aggregate): return unreadable(aggregate.conditions, [aggregate.select])
        case .cases(let cases):
            return unreadable(
                cases.branches.map(\.when), cases.branches.map(\.then) + [cases.otherwise].compactMap(\.self))
        case .concat(let concat): return unreadable([], concat.parts)
        case .dateMath(let math):
            guard let operation = math.operation, math.date != nil, math.unit != nil else {
                return "its date-math lacks an operation, a date or a unit"
            }
            let isComplete = operation == .difference ? math.other != nil : math.amount != nil
            return isComplete
                ? unreadable([], [math.date, math.other, math.amount].compactMap(\.self))
                : "its date-math lacks \(operation == .difference ? "the other date" : "an amount")"
        }
    }

    static func of(_ transformation: ContractTransformation, type: AttributeType) -> String? {
        switch transformation {
        case .unknown(let construct):
            let known = ["date-format", "string-format", "number-format", "json-parse"]
            return known.contains(construct.type)
                ? "its \(construct.type) has no `format`"
                : "its transformation has the type \"\(construct.type.shown)\", which is none of \(known.joined(separator: ", "))"
        case .dateFormat(let format, let source):
            for format in [format, source].compactMap(\.self) {
                if case .unreadable(let text) = format.form { return "\"\(text.shown)\" is no format of a date" }
            }
            return format.makesText ? isText(format.source, type) : nil
        case .numberFormat(let format):
            guard let shape = format.shape else { return "\"\(format.source.shown)\" is no format of a number" }
            let makesText = shape.groupsThousands || !shape.prefix.isEmpty || !shape.suffix.isEmpty
            return makesText && type == .N ? isText(format.source, type) : nil
        case .stringFormat(let template): return template.makesText ? isText(template.source, type) : nil
        case .jsonParse: return nil
        }
    }

    /// A column of dates that is to be a number as it is.
    static func ofDate(_ attribute: ContractAttribute) -> String? {
        guard attribute.type == .N, attribute.transformation == nil, attribute.join == nil,
            attribute.calculation == nil, let type = attribute.sourceType,
            let name = type.lowercased().split(whereSeparator: { $0 == " " || $0 == "(" }).first,
            ["date", "datetime", "timestamp"].contains(name)
        else { return nil }
        return "a \(type.shown) is no number, and the attribute is an N: give it the format \"epoch\""
    }

    /// That a format makes a text of what is to be a number, or a yes or no; nil for an attribute of any other type.
    private static func isText(_ format: String, _ type: AttributeType) -> String? {
        guard type == .N || type == .BOOL else { return nil }
        return "\"\(format.shown)\" makes a text, and the attribute is \(type == .N ? "an N" : "a BOOL")"
    }

    private static func unreadable(_ conditions: [SourceCondition], _ expressions: [SourceExpression]) -> String? {
        if let text = conditions.first(where: { !$0.isReadable })?.source {
            return "\"\(text.shown)\" is no condition that can be read"
        }
        if let text = expressions.first(where: { !$0.isReadable })?.source {
            return "\"\(text.shown)\" is no expression that can be read"
        }
        return nil
    }
}

extension DateFormat {
    /// Whether what it makes is no number: "2026-11-27", and not "20261127" or seconds since 1970.
    fileprivate var makesText: Bool {
        switch form {
        case .iso8601, .database: true
        case .epochSeconds, .epochMilliseconds, .unreadable: false
        case .pieces(let pieces):
            pieces.contains { piece in
                switch piece {
                case .literal(let text): !text.isEmpty
                case .zone: true
                default: false
                }
            }
        }
    }
}

extension KeyTemplate {
    /// Whether what it makes is no number, whatever its holes are.
    fileprivate var makesText: Bool {
        pieces.contains { piece in
            guard case .literal(let text) = piece else { return false }
            return !text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "-" || $0 == "." }
        }
    }
}
