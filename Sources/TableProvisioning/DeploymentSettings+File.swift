public import ContractEngine
internal import Tidemark

extension DeploymentSettings {
    /// Every setting that a file may have, with its default and meaning.
    public static let words: [(name: String, values: String, standard: String, meaning: String)] = [
        ("billing", "on-demand or provisioned", "new tables on demand", "how the table is paid for"),
        (
            "read-units, write-units", "a number", "from the capacity",
            "of a provisioned table itself; its indexes' come from the capacity"
        ),
        ("deletion-protection", "true or false", "true", "whether DeleteTable is refused"),
        (
            "point-in-time-recovery", "true or false", "true",
            "whether the table can be restored to any second of 35 days"
        ),
        (
            "warm-throughput", "true or false", "true",
            "whether what a table serves at once is raised to what the peak asks for"
        ),
        ("time-to-live", "an attribute", "none", "the number attribute with the time at which an item expires"),
        ("tags", "names with values", "none", "tags of the table"),
    ]

    /// Reads a file of settings, YAML or JSON: those above for all tables, and under `tables`, by name, for single ones.
    ///
    /// - Throws: every mistake of the file with its line.
    public static func read(_ source: SourceText) throws(ContractError) -> DeploymentSettings {
        var settings = DeploymentSettings()
        var problems: [ContractError.Problem] = []
        var units: [String: (reads: Int?, writes: Int?)] = [:]
        var places = SettingPlaces(file: source.name)
        for value in try NamedValue.read(source) {
            var path = value.path[...]
            var table = ""
            if path.first == "tables", path.count > 2 {
                table = path[1]
                path = path.dropFirst(2)
            }
            places.add(value, table: table, name: path.first ?? "")
            do throws(SettingProblem) {
                var values = table.isEmpty ? settings.all : settings.tables[table] ?? Values()
                try values.take(Array(path), value.text, units: &units[table, default: (nil, nil)])
                if table.isEmpty { settings.all = values } else { settings.tables[table] = values }
            } catch {
                problems.append(value.problem(error.text, in: source))
            }
        }
        for (table, units) in units.sorted(by: { $0.key < $1.key }) where units.reads != nil || units.writes != nil {
            var values = table.isEmpty ? settings.all : settings.tables[table] ?? Values()
            guard case .provisioned? = values.over(settings.all).billing, let reads = units.reads,
                let writes = units.writes
            else {
                let place = table.isEmpty ? "" : " of \(table)"
                problems.append(
                    ContractError.Problem(
                        file: source.name, line: nil, column: nil,
                        text: "read-units and write-units\(place) go together, and with billing: provisioned"))
                continue
            }
            values.billing = .provisioned(Throughput(reads: reads, writes: writes))
            if table.isEmpty { settings.all = values } else { settings.tables[table] = values }
        }
        guard problems.isEmpty else { throw ContractError(problems: problems) }
        settings.places = places
        return settings
    }
}

/// What is wrong with one setting, as half a sentence.
private struct SettingProblem: Error {
    var text: String
}

extension DeploymentSettings.Values {
    fileprivate mutating func take(
        _ path: [String], _ text: String, units: inout (reads: Int?, writes: Int?)
    ) throws(SettingProblem) {
        switch path.first {
        case "billing" where path.count == 1:
            switch text {
            case "on-demand": billing = .onDemand
            case "provisioned": billing = .provisioned(nil)
            default: throw SettingProblem(text: "billing is \(text); it must be on-demand or provisioned")
            }
        case "read-units" where path.count == 1: units.reads = try number(path[0], text)
        case "write-units" where path.count == 1: units.writes = try number(path[0], text)
        case "deletion-protection" where path.count == 1: isProtectedFromDeletion = try flag(path[0], text)
        case "point-in-time-recovery" where path.count == 1: isRecoverable = try flag(path[0], text)
        case "warm-throughput" where path.count == 1: isWarmed = try flag(path[0], text)
        case "time-to-live" where path.count == 1:
            guard !text.isEmpty else { throw SettingProblem(text: "time-to-live is empty; name an attribute") }
            timeToLive = text
        case "tags" where path.count > 1:
            let name = path.dropFirst().joined(separator: ".")
            guard (1...128).contains(name.count), text.count <= 256, !name.hasPrefix("aws:") else {
                throw SettingProblem(
                    text:
                        "the tag \(name) has a name of more than 128 or a value of more than 256 characters, or begins "
                        + "with aws:, which AWS keeps for itself")
            }
            tags[name] = text
        default:
            throw SettingProblem(
                text: "there is no setting \(path.joined(separator: ".")); there are "
                    + DeploymentSettings.words.map(\.name).joined(separator: ", ") + " and, for single tables, tables")
        }
    }

    private func flag(_ name: String, _ text: String) throws(SettingProblem) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default: throw SettingProblem(text: "\(name) is \(text); it must be true or false")
        }
    }

    private func number(_ name: String, _ text: String) throws(SettingProblem) -> Int {
        guard let value = Int(text), (1...40_000).contains(value) else {
            throw SettingProblem(text: "\(name) is \(text); it must be a whole number from 1 to 40,000")
        }
        return value
    }
}
