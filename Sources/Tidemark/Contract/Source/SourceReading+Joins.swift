internal import ContractModel
internal import JSONBytes

extension SourceReading {
    /// What the attribute's column, join or calculation gives, before it is written in the contract's form.
    func source(of attribute: ContractAttribute) throws(ContractBreach) -> SourceValue {
        if let calculation = attribute.calculation { return try calculated(calculation, attribute) }
        if let join = attribute.join { return try joined(join, attribute) }
        if case .stringFormat(let template)? = attribute.transformation {
            // Its holes are read one by one; the column only says that there is a value at all.
            guard template.placeholders.count == 1, let column = attribute.sourceColumns.first else { return .text("") }
            return try own(column, attribute)
        }
        guard attribute.sourceColumns.count == 1, let column = attribute.sourceColumns.first else {
            throw ContractBreach(
                reason:
                    "'\(attribute.name)' is read from \(attribute.sourceColumns.count) columns, and the contract does not "
                    + "say how")
        }
        return try own(column, attribute)
    }

    private func own(_ column: String, _ attribute: ContractAttribute) throws(ContractBreach) -> SourceValue {
        let name = column.split(separator: ".").last.map(String.init) ?? column
        guard let value = scope.own[name] else { throw missing(column: name, for: attribute.name) }
        return value
    }

    // MARK: Joins

    private func joined(_ join: ContractJoin, _ attribute: ContractAttribute) throws(ContractBreach) -> SourceValue {
        switch join.kind {
        case .selfJoin(let step), .foreignKey(let step), .multiColumn(let step), .lookupTable(let step):
            guard let found = try visit(step, from: scope) else { return .null }
            return try found.value(of: step.select)
        case .conditional(let conditional): return try self.conditional(conditional)
        case .chain(let chain): return try self.chain(chain)
        case .jsonConstruction(let construction):
            guard let built = try constructed(construction, of: attribute) else { return .null }
            return built
        case .unknown(let construct):
            throw ContractBreach(reason: "its join '\(construct.type)' is not known")
        }
    }

    /// The scope with the row that the step finds, whose columns come first; nil where it finds none.
    private func visit(_ step: JoinStep, from scope: SourceScope) throws(ContractBreach) -> SourceScope? {
        let names = [step.alias, step.table].compactMap(\.self)
        for row in try rows(of: step.table, alias: step.alias)
        where try matches(row, names, step.conditions, step.columnPairs, scope) {
            var found = scope.adding(row, as: names)
            found.prefersJoined = true
            return found
        }
        return nil
    }

    private func conditional(_ join: ConditionalJoin) throws(ContractBreach) -> SourceValue {
        let applies = try scope.holds(join.condition)
        guard let expression = applies ? join.step.select : join.elseValue else { return .null }
        // A constant, and a column of the own row, need no other row.
        if expression.columns.isEmpty { return try scope.value(of: expression) }
        if expression.columns.allSatisfy({ $0.table == nil && scope.own[$0.name] != nil }) {
            return try scope.value(of: expression)
        }
        guard let found = try visit(join.step, from: scope) else { return .null }
        return try found.value(of: expression)
    }

    private func chain(_ chain: ChainJoin) throws(ContractBreach) -> SourceValue {
        var current = scope
        var parts: [SourceValue] = []
        for step in chain.steps {
            guard let found = try visit(step, from: current) else {
                guard chain.separator != nil else { return .null }
                break
            }
            current = found
            if chain.separator != nil { parts.append(try found.value(of: step.select)) }
        }
        guard let separator = chain.separator else {
            guard let last = chain.steps.last else { return .null }
            return try current.value(of: last.select)
        }
        let texts = parts.compactMap(\.text)
        return texts.isEmpty ? .null : .text(texts.joined(separator: separator))
    }

    // MARK: Rows

    /// The rows of a table: those that are given for an alias of it, else for itself; of the entity's own table at least the
    /// row itself.
    private func rows(of table: String, alias: String?) throws(ContractBreach) -> [SourceRow] {
        if let given = alias.flatMap({ related[$0] }) ?? related[table] { return given }
        if table == scope.ownTable { return [scope.own] }
        throw ContractBreach(reason: "rows of '\(table)' are needed: give them, or an empty list where there are none")
    }

    private func matches(
        _ row: SourceRow, _ names: [String], _ conditions: [SourceCondition], _ pairs: [ColumnPair]?,
        _ scope: SourceScope
    ) throws(ContractBreach) -> Bool {
        guard let pairs else {
            var inner = scope.adding(row, as: names)
            inner.prefersJoined = false
            for condition in conditions where try !inner.holds(condition) { return false }
            return true
        }
        for pair in pairs {
            guard let joined = row[pair.joined.name] else {
                throw ContractBreach(reason: "a row of '\(names.last ?? "")' has no column '\(pair.joined.name)'")
            }
            guard let local = scope.localValue(of: pair.local) else {
                throw ContractBreach(reason: "no row that is given has a column '\(pair.local.text)': give it, or null")
            }
            guard joined.compares(with: local) == .equal else { return false }
        }
        return true
    }

    /// The rows of a table for which conditions hold between them and the own row.
    private func rows(
        of table: String, alias: String?, where conditions: [SourceCondition]
    ) throws(ContractBreach) -> [SourceScope] {
        let names = [alias, table].compactMap(\.self)
        let pairs = JoinStep(
            table: table, alias: alias, conditions: conditions, select: SourceExpression(source: "", form: .null)
        ).columnPairs
        var found: [SourceScope] = []
        for row in try rows(of: table, alias: alias) where try matches(row, names, conditions, pairs, scope) {
            var inner = scope.adding(row, as: names)
            inner.prefersJoined = true
            found.append(inner)
        }
        return found
    }

    // MARK: JSON

    /// The document of the rows that a construction takes; nil for an object without a row.
    func constructed(
        _ construction: JSONConstruction, of attribute: ContractAttribute
    ) throws(ContractBreach) -> SourceValue? {
        var rows = try rows(of: construction.table, alias: nil, where: construction.conditions)
        for order in construction.order.reversed() { rows = try sorted(rows, by: order) }
        if let limit = construction.limit { rows = Array(rows.prefix(max(0, limit))) }
        var objects: [JSONValue] = []
        for row in rows { objects.append(try object(of: row, construction)) }
        switch construction.shape {
        case .array: return .json(JSONItems.text(.array(objects)))
        case .object: return objects.first.map { .json(JSONItems.text($0)) }
        }
    }

    private func object(of row: SourceScope, _ construction: JSONConstruction) throws(ContractBreach) -> JSONValue {
        var members: [JSONMember] = []
        for member in construction.members {
            members.append(JSONMember(name: member.name, value: try row.value(of: member.value).document))
        }
        return .object(members)
    }

    /// Stable, so that columns of less weight may be sorted by first. NULL comes first, as in MySQL.
    private func sorted(
        _ rows: [SourceScope], by order: JSONConstruction.Order
    ) throws(ContractBreach) -> [SourceScope] {
        var keyed: [(key: SourceValue, row: SourceScope, place: Int)] = []
        for row in rows { keyed.append((try row.value(of: order.by), row, keyed.count)) }
        keyed.sort { left, right in
            let (one, other) = order.ascending ? (left.key, right.key) : (right.key, left.key)
            switch (one.isNull, other.isNull) {
            case (true, false): return true
            case (false, true): return false
            case (true, true): return left.place < right.place
            case (false, false):
                let relation = one.compares(with: other)
                return relation == .less || relation != .greater && left.place < right.place
            }
        }
        return keyed.map(\.row)
    }

    // MARK: Calculations

    private func calculated(
        _ calculation: ContractCalculation, _ attribute: ContractAttribute
    ) throws(ContractBreach) -> SourceValue {
        switch calculation {
        case .aggregate(let aggregate): return try self.aggregate(aggregate)
        case .cases(let cases):
            for branch in cases.branches where try scope.holds(branch.when) { return try scope.value(of: branch.then) }
            return try cases.otherwise.map { other throws(ContractBreach) in try scope.value(of: other) } ?? .null
        case .concat(let concat):
            var texts: [String] = []
            for part in concat.parts { if let text = try scope.value(of: part).text { texts.append(text) } }
            return texts.isEmpty ? .null : .text(texts.joined(separator: concat.separator))
        case .dateMath(let math): return try DateCalculation(math: math, scope: scope).value()
        case .unknown(let construct):
            throw ContractBreach(reason: "its calculation '\(construct.type)' is not known")
        }
    }

    private func aggregate(_ aggregate: Aggregate) throws(ContractBreach) -> SourceValue {
        var values: [SourceValue] = []
        let isCountOfRows = aggregate.select.column?.name == "*"
        for row in try rows(of: aggregate.table, alias: aggregate.alias, where: aggregate.conditions) {
            let value = isCountOfRows ? .integer(1) : try row.value(of: aggregate.select)
            if !value.isNull { values.append(value) }
        }
        if aggregate.operation == .count { return SourceValue(values.count) }
        guard let first = values.first else { return .null }
        switch aggregate.operation {
        case .minimum: return values.dropFirst().reduce(first) { $1.compares(with: $0) == .less ? $1 : $0 }
        case .maximum: return values.dropFirst().reduce(first) { $1.compares(with: $0) == .greater ? $1 : $0 }
        case .sum, .average, .count:
            var sum = ExactDecimal(0)
            for value in values {
                guard let number = value.number else { throw ContractBreach(reason: "it adds up what is no number") }
                sum = sum + number
            }
            guard aggregate.operation == .average else { return SourceValue(sum) }
            return sum.divided(by: ExactDecimal(values.count)).map { SourceValue($0) } ?? .null
        }
    }
}

/// A date moved, or the time between two.
private struct DateCalculation {
    let math: DateMath
    let scope: SourceScope

    func value() throws(ContractBreach) -> SourceValue {
        guard let operation = math.operation, let date = math.date, let unit = math.unit else {
            throw ContractBreach(reason: "its date calculation does not say operation, date and unit")
        }
        guard let start = try self.date(date) else { return .null }
        if operation == .difference {
            guard let other = math.other else {
                throw ContractBreach(reason: "its date calculation lacks a second date")
            }
            guard let end = try self.date(other) else { return .null }
            return SourceValue(Self.difference(from: start, to: end, in: unit))
        }
        guard let expression = math.amount else { throw ContractBreach(reason: "its date calculation lacks an amount") }
        let amount = try scope.value(of: expression)
        if amount.isNull { return .null }
        guard let count = amount.number.flatMap({ $0.fits(0) ? Int($0.rounded(to: 0).text) : nil }),
            let moved = start.moved(by: operation == .add ? count : -count, unit)
        else { throw ContractBreach(reason: "its date cannot be moved so far") }
        return .date(moved)
    }

    private func date(_ expression: SourceExpression) throws(ContractBreach) -> SourceDate? {
        let value = try scope.value(of: expression)
        if value.isNull { return nil }
        guard let date = value.date(in: nil) else { throw ContractBreach(reason: "it calculates with what is no date") }
        return date
    }

    /// Whole units, what is beyond them cut off, as TIMESTAMPDIFF.
    private static func difference(from start: SourceDate, to end: SourceDate, in unit: DateMath.Unit) -> Int {
        guard unit == .month || unit == .year else {
            var seconds = end.secondsSince1970 - start.secondsSince1970
            if seconds > 0, end.microsecond < start.microsecond { seconds -= 1 }
            if seconds < 0, end.microsecond > start.microsecond { seconds += 1 }
            return seconds / unit.seconds
        }
        guard start <= end else { return -difference(from: end, to: start, in: unit) }
        var months = (end.year - start.year) * 12 + end.month - start.month
        let rest = { (date: SourceDate) in
            (date.day, date.hour * 3_600 + date.minute * 60 + date.second, date.microsecond)
        }
        if months > 0, rest(end) < rest(start) { months -= 1 }
        return unit == .year ? months / 12 : months
    }
}

extension SourceDate {
    /// The date so many units later; nil where the calendar ends.
    func moved(by count: Int, _ unit: DateMath.Unit) -> SourceDate? {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit == .year ? 12 : max(1, unit.seconds))
        guard !overflow else { return nil }
        return unit == .month || unit == .year ? adding(months: product) : adding(seconds: product)
    }
}

extension DateMath.Unit {
    /// Seconds of a unit that has always as many; 0 for months and years.
    fileprivate var seconds: Int {
        switch self {
        case .second: 1
        case .minute: 60
        case .hour: 3_600
        case .day: 86_400
        case .week: 604_800
        case .month, .year: 0
        }
    }
}

extension SourceValue {
    /// The value inside of a JSON document.
    var document: JSONValue {
        switch self {
        case .null: .null
        case .integer(let value): .number(String(value))
        case .decimal(let text): .number(text)
        case .double(let value): value.isFinite ? .number(text ?? "0") : .null
        case .text(let text): .string(text)
        case .date(let date): .string(date.description)
        case .bytes(let bytes): .string(Base64.encode(bytes))
        case .json(let text): (try? JSONValue.parse(Array(text.utf8))) ?? .string(text)
        }
    }
}
