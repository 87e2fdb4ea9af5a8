extension CredentialProgram {
    /// How long the program may take. It may ask a person's device or a distant service.
    static let timeout: Duration = .seconds(60)

    /// Starts the program and reads what it prints.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
    func fetch(_ tools: CredentialTools, now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        guard tools.allowsProcess else {
            throw AWSConfigurationError(
                cause: "\(place) has credential_process, and this process may not start programs",
                fix: "allow it in its configuration (credential-process: true), or give it other credentials")
        }
        guard let words = ShellWords.split(command), let program = words.first, !program.isEmpty else {
            throw AWSConfigurationError(
                cause: "credential_process of \(place) is no command line", fix: "close its quotes, and name a program")
        }
        let output = try await run(words)
        guard output.status == .exited(0) else {
            let said = Self.sentence(output.errors)
            throw AWSConfigurationError(
                cause: "credential_process of \(place) (\(Self.shown(program))) \(output.status.words)\(said)",
                fix: "run it by hand as this user and mend what it says")
        }
        return try read(output.output, program: program)
    }

    private func run(_ words: [String]) async throws(AWSConfigurationError) -> ChildProcess.Output {
        let limit = Self.timeout
        do throws(ChildProcess.Failure) {
            return try await ChildProcess.run(words, timeout: limit, maximumBytes: SmallFile.maximumBytes) {
                (try? JSONFields($0)) != nil
            }
        } catch {
            let fix =
                switch error {
                case .notStarted: "check the path, and that this user may run it"
                case .tookTooLong: "run it by hand as this user: it must answer without a person"
                case .leftOpen:
                    "let what it starts in the background print elsewhere (>/dev/null 2>&1), and let it print the whole of "
                        + "one JSON object itself"
                case .printedTooMuch: "let it print one JSON object"
                }
            throw AWSConfigurationError(
                cause: "credential_process of \(place) (\(Self.shown(words[0]))) \(error.words)", fix: fix)
        }
    }

    private func read(_ output: [UInt8], program: String) throws(AWSConfigurationError) -> Credentials {
        func refusal(_ reason: String) -> AWSConfigurationError {
            AWSConfigurationError(
                cause: "credential_process of \(place) (\(Self.shown(program))) prints \(reason)",
                fix: "let it print {\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …, \"SessionToken\": …, "
                    + "\"Expiration\": \"2026-11-23T23:10:00Z\"} and nothing else")
        }
        guard let fields = try? JSONFields(output) else {
            throw refusal("\(output.count) bytes that are no JSON object")
        }
        guard fields.integer("Version") == 1 else { throw refusal("no \"Version\": 1") }
        do throws(CredentialDefect) {
            return try Credentials(fields, token: "SessionToken", accountID: accountID)
        } catch {
            throw refusal("no credentials that can be used: \(error.words)")
        }
    }

    /// The program's name: a command line that is quoted as one word has more, and so has one with a variable before it.
    private static func shown(_ program: String) -> String {
        let name = program.split(whereSeparator: \.isWhitespace).first ?? ""
        guard let end = name.firstIndex(of: "=") else { return String(name) }
        return name[...end] + "…"
    }

    /// The first line of what it says to people, as far as it can be shown.
    private static func sentence(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(8_192), as: UTF8.self)
        guard let line = text.split(whereSeparator: \.isNewline).first else { return "" }
        // A secret that the end would cut in two is cut out first.
        return ", saying: " + String(SecretText.cut(from: String(line).withoutControls).prefix(200))
    }
}
