<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About rtguide</source>
        <translation>Über rtguide</translation>
    </message>
    <message>
        <source>BSD 3-clause licence. Made with libraries under their own licences: docs/dependencies.md.</source>
        <translation>BSD-3-Klausel-Lizenz. Mit Bibliotheken unter eigenen Lizenzen: docs/dependencies.md.</translation>
    </message>
</context>
<context>
    <name>DetailsPanel</name>
    <message>
        <source>Plots</source>
        <translation>Kurven</translation>
    </message>
    <message>
        <source>frame age, ms</source>
        <translation>Alter des Bildes, ms</translation>
    </message>
    <message>
        <source>tip depth, mm</source>
        <translation>Tiefe der Spitze, mm</translation>
    </message>
    <message>
        <source>distance to target, mm</source>
        <translation>Abstand zum Ziel, mm</translation>
    </message>
    <message>
        <source>confidence of the needle</source>
        <translation>Sicherheit der Nadel</translation>
    </message>
</context>
<context>
    <name>DonePage</name>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>note (may stay empty)</source>
        <translation>Notiz (darf leer bleiben)</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Save and end  ⏎</source>
        <translation>Sichern und beenden  ⏎</translation>
    </message>
    <message>
        <source>Back  Esc</source>
        <translation>Zurück  Esc</translation>
    </message>
</context>
<context>
    <name>DrawingSheet</name>
    <message>
        <source>Drawing</source>
        <translation>Zeichnung</translation>
    </message>
</context>
<context>
    <name>EventPanel</name>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>less</source>
        <translation>weniger</translation>
    </message>
    <message>
        <source>more</source>
        <translation>mehr</translation>
    </message>
    <message>
        <source>note: type, then Enter</source>
        <translation>Notiz: tippen, dann Enter</translation>
    </message>
    <message>
        <source>note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>what was said</source>
        <translation>was gesagt wurde</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>MarkChoice</name>
    <message>
        <source>What is marked?</source>
        <translation>Was ist markiert?</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>NoteLine</name>
    <message>
        <source>Note to this frame: Enter keeps it, Escape gives it up</source>
        <translation>Notiz zu diesem Bild: Enter behält sie, Escape verwirft sie</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
</context>
<context>
    <name>OpenDialog</name>
    <message>
        <source>Open a source</source>
        <translation>Quelle öffnen</translation>
    </message>
</context>
<context>
    <name>OpenPanel</name>
    <message>
        <source>Video file…</source>
        <translation>Videodatei…</translation>
    </message>
    <message>
        <source>Session folder…</source>
        <translation>Sitzungsordner…</translation>
    </message>
    <message>
        <source>address: a path, sim:femoral, replay:PATH?loop=1</source>
        <translation>Adresse: ein Pfad, sim:femoral, replay:PFAD?loop=1</translation>
    </message>
    <message>
        <source>Source address</source>
        <translation>Adresse der Quelle</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open a source</source>
        <translation>Quelle öffnen</translation>
    </message>
</context>
<context>
    <name>PedalLight</name>
    <message>
        <source>Foot pedal</source>
        <translation>Fußpedal</translation>
    </message>
    <message>
        <source>pedal armed</source>
        <translation>Pedal scharf</translation>
    </message>
    <message>
        <source>pedal not armed: this window is not in front</source>
        <translation>Pedal nicht scharf: dieses Fenster liegt nicht vorn</translation>
    </message>
</context>
<context>
    <name>PlanPanel</name>
    <message>
        <source>Plan</source>
        <translation>Plan</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Go on  ⏎</source>
        <translation>Weiter  ⏎</translation>
    </message>
    <message>
        <source>Give up  Esc</source>
        <translation>Aufgeben  Esc</translation>
    </message>
    <message>
        <source>Plan: block ↑↓, patient&apos;s side ← →</source>
        <translation>Plan: Block ↑↓, Seite des Patienten ← →</translation>
    </message>
</context>
<context>
    <name>ProgressWindow</name>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Cancel  Esc</source>
        <translation>Abbrechen  Esc</translation>
    </message>
</context>
<context>
    <name>ReplayNotes</name>
    <message>
        <source>bookmark kept</source>
        <translation>Lesezeichen behalten</translation>
    </message>
    <message>
        <source>draw with the mouse; Ctrl+Z takes back, D ends it</source>
        <translation>mit der Maus zeichnen; Strg+Z nimmt zurück, D beendet</translation>
    </message>
    <message>
        <source>nothing to take back</source>
        <translation>nichts zurückzunehmen</translation>
    </message>
    <message>
        <source>nothing was added to this frame</source>
        <translation>diesem Bild wurde nichts hinzugefügt</translation>
    </message>
    <message>
        <source>note kept</source>
        <translation>Notiz behalten</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>zurückgenommen</translation>
    </message>
</context>
<context>
    <name>ReplayPane</name>
    <message>
        <source> – has not begun: its first picture</source>
        <translation> – hat noch nicht begonnen: erstes Bild</translation>
    </message>
    <message>
        <source> – is over: its last picture</source>
        <translation> – ist zu Ende: letztes Bild</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>liest</translation>
    </message>
</context>
<context>
    <name>ReplayWindow</name>
    <message>
        <source>aligning needs two sessions: rtguide replay A B</source>
        <translation>Angleichen braucht zwei Sitzungen: rtguide replay A B</translation>
    </message>
    <message>
        <source>they have no event in common; Ctrl+Left and Ctrl+Right move the second</source>
        <translation>kein gemeinsames Ereignis; Strg+Links und Strg+Rechts verschieben die zweite</translation>
    </message>
    <message>
        <source>aligned by their first frames</source>
        <translation>an den ersten Bildern angeglichen</translation>
    </message>
    <message>
        <source>aligned by: </source>
        <translation>angeglichen an: </translation>
    </message>
    <message>
        <source>no second camera was recorded</source>
        <translation>keine zweite Kamera wurde aufgenommen</translation>
    </message>
    <message>
        <source>too short for a loop</source>
        <translation>zu kurz für eine Schleife</translation>
    </message>
    <message>
        <source>no event or mark there</source>
        <translation>dort ist kein Ereignis oder Zeichen</translation>
    </message>
</context>
<context>
    <name>ScaleDialog</name>
    <message>
        <source>Scale of this screen</source>
        <translation>Maßstab dieses Schirms</translation>
    </message>
    <message>
        <source>reading the ruler …</source>
        <translation>Lineal wird gelesen …</translation>
    </message>
    <message>
        <source> mm a tick</source>
        <translation> mm je Strich</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>left of the picture</source>
        <translation>links am Bild</translation>
    </message>
    <message>
        <source>right of the picture</source>
        <translation>rechts am Bild</translation>
    </message>
    <message>
        <source>scanner, probe, depth: Linear 4 cm</source>
        <translation>Gerät, Sonde, Tiefe: Linear 4 cm</translation>
    </message>
    <message>
        <source>I see it: use it and keep it</source>
        <translation>Gesehen: verwenden und behalten</translation>
    </message>
    <message>
        <source>1  Region</source>
        <translation>1  Bereich</translation>
    </message>
    <message>
        <source>2  Scale</source>
        <translation>2  Maßstab</translation>
    </message>
    <message>
        <source>3  Probe&apos;s mark</source>
        <translation>3  Sondenmarke</translation>
    </message>
    <message>
        <source>4  Name</source>
        <translation>4  Name</translation>
    </message>
    <message>
        <source>rectangle</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>fan</source>
        <translation>Fächer</translation>
    </message>
    <message>
        <source>parallelogram</source>
        <translation>Parallelogramm</translation>
    </message>
    <message>
        <source>how many mm is a tick?</source>
        <translation>wie viele mm ist ein Strich?</translation>
    </message>
    <message>
        <source>nothing to accept yet</source>
        <translation>noch nichts zu bestätigen</translation>
    </message>
    <message>
        <source>say what a tick is: look at the scanner&apos;s depth</source>
        <translation>sagen, was ein Strich ist: auf die Tiefe am Gerät sehen</translation>
    </message>
    <message>
        <source>give it a name</source>
        <translation>einen Namen geben</translation>
    </message>
    <message>
        <source>the screen is not the one that was read: close this and read it again</source>
        <translation>der Schirm ist nicht der gelesene: schließen und neu lesen</translation>
    </message>
</context>
<context>
    <name>ScalePanel</name>
    <message>
        <source>Scale</source>
        <translation>Maßstab</translation>
    </message>
    <message>
        <source>No scale that somebody stands for</source>
        <translation>Kein Maßstab, für den jemand einsteht</translation>
    </message>
    <message>
        <source>Without it there are no millimetres, no paths, and no alarm that needs them. Once it is kept, this screen is known again at this depth.</source>
        <translation>Ohne ihn gibt es keine Millimeter, keine Wege und keinen Alarm, der sie braucht. Ist er behalten, wird dieser Schirm in dieser Tiefe wiedererkannt.</translation>
    </message>
    <message>
        <source>Read this screen&apos;s ruler  U</source>
        <translation>Lineal dieses Schirms lesen  U</translation>
    </message>
    <message>
        <source>Go on without  ⏎</source>
        <translation>Ohne weiter  ⏎</translation>
    </message>
    <message>
        <source>Give up  Esc</source>
        <translation>Aufgeben  Esc</translation>
    </message>
    <message>
        <source>waiting for a picture</source>
        <translation>wartet auf ein Bild</translation>
    </message>
</context>
<context>
    <name>SecondView</name>
    <message>
        <source>rtguide – second view</source>
        <translation>rtguide – zweite Ansicht</translation>
    </message>
    <message>
        <source>Second view</source>
        <translation>Zweite Ansicht</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>as the system has it</source>
        <translation>wie das System</translation>
    </message>
    <message>
        <source>black and white</source>
        <translation>schwarz-weiß</translation>
    </message>
    <message>
        <source>Language and size change when rtguide is opened next.</source>
        <translation>Sprache und Größe ändern sich beim nächsten Öffnen.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Size of words and buttons</source>
        <translation>Größe von Schrift und Knöpfen</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
</context>
<context>
    <name>SidePicture</name>
    <message>
        <source>no picture</source>
        <translation>kein Bild</translation>
    </message>
</context>
<context>
    <name>Sights</name>
    <message>
        <source>Untouched ultrasound picture</source>
        <translation>Unberührtes Ultraschallbild</translation>
    </message>
    <message>
        <source>a screen was unplugged</source>
        <translation>ein Schirm wurde abgezogen</translation>
    </message>
    <message>
        <source>a screen was unplugged: the second view is closed, F3 opens it again</source>
        <translation>ein Schirm wurde abgezogen: die zweite Ansicht ist zu, F3 öffnet sie wieder</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
</context>
<context>
    <name>SteeringPanel</name>
    <message>
        <source>Keys and position of the hands</source>
        <translation>Tasten und Stellung der Hände</translation>
    </message>
</context>
<context>
    <name>StopPage</name>
    <message>
        <source>Stop before the needle</source>
        <translation>Stopp vor der Nadel</translation>
    </message>
    <message>
        <source>Needle  ⏎</source>
        <translation>Nadel  ⏎</translation>
    </message>
    <message>
        <source>Back  Esc</source>
        <translation>Zurück  Esc</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
</context>
<context>
    <name>VideoCanvas</name>
    <message>
        <source>Ultrasound picture with overlay</source>
        <translation>Ultraschallbild mit Einblendung</translation>
    </message>
</context>
<context>
    <name>_DoseRow</name>
    <message>
        <source>New patient</source>
        <translation>Neuer Patient</translation>
    </message>
    <message>
        <source>Patient&apos;s weight, kg</source>
        <translation>Gewicht des Patienten, kg</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>FROZEN</source>
        <translation>EINGEFROREN</translation>
    </message>
    <message>
        <source>cross-section</source>
        <translation>Querschnitt</translation>
    </message>
    <message>
        <source>tip or shaft</source>
        <translation>Spitze oder Schaft</translation>
    </message>
    <message>
        <source>predicted</source>
        <translation>vorhergesagt</translation>
    </message>
    <message>
        <source>depth %1 mm</source>
        <translation>Tiefe %1 mm</translation>
    </message>
    <message>
        <source>seen</source>
        <translation>gesehen</translation>
    </message>
    <message>
        <source>cannot tell</source>
        <translation>nicht zu sagen</translation>
    </message>
    <message>
        <source>test bolus: fluid seen here</source>
        <translation>Testbolus: Flüssigkeit hier zu sehen</translation>
    </message>
    <message>
        <source>tip not visible</source>
        <translation>Spitze nicht sichtbar</translation>
    </message>
    <message>
        <source>end of visible shaft</source>
        <translation>Ende des sichtbaren Schafts</translation>
    </message>
    <message>
        <source>end of visible shaft – %1</source>
        <translation>Ende des sichtbaren Schafts – %1</translation>
    </message>
    <message>
        <source>%1: not found</source>
        <translation>%1: nicht gefunden</translation>
    </message>
    <message>
        <source>image region not known</source>
        <translation>Bildbereich nicht bekannt</translation>
    </message>
    <message>
        <source>distances: in this slice, marked structures only</source>
        <translation>Abstände: in dieser Schicht, nur zu Markiertem</translation>
    </message>
    <message>
        <source>picture late</source>
        <translation>Bild verspätet</translation>
    </message>
    <message>
        <source>study: without overlay</source>
        <translation>Studie: ohne Einblendung</translation>
    </message>
    <message>
        <source>pulsating %1/min</source>
        <translation>pulsiert %1/min</translation>
    </message>
    <message>
        <source>%1 mm inside</source>
        <translation>%1 mm innen</translation>
    </message>
    <message>
        <source>%1 px inside</source>
        <translation>%1 px innen</translation>
    </message>
    <message>
        <source>picked: %1° from the %2</source>
        <translation>gewählt: %1° von %2</translation>
    </message>
    <message>
        <source>%1 straight paths clear of what is marked</source>
        <translation>%1 gerade Wege frei von Markiertem</translation>
    </message>
    <message>
        <source>%1, %2 mm from the skin</source>
        <translation>%1, %2 mm ab der Haut</translation>
    </message>
    <message>
        <source>%1 – no longer clear</source>
        <translation>%1 – nicht mehr frei</translation>
    </message>
    <message>
        <source>no paths without a verified scale</source>
        <translation>keine Wege ohne geprüften Maßstab</translation>
    </message>
    <message>
        <source>no paths out of plane: they do not lie in the picture</source>
        <translation>keine Wege quer zur Bildebene: sie liegen nicht im Bild</translation>
    </message>
    <message>
        <source>no paths: %1 not followed</source>
        <translation>keine Wege: %1 nicht verfolgt</translation>
    </message>
    <message>
        <source>no straight path is clear of what is marked</source>
        <translation>kein gerader Weg ist frei von Markiertem</translation>
    </message>
    <message>
        <source>no paths: nothing is marked as a target</source>
        <translation>keine Wege: nichts ist als Ziel markiert</translation>
    </message>
    <message>
        <source>no paths: choose a block whose needle length is known (Y)</source>
        <translation>keine Wege: Block mit bekannter Nadellänge wählen (Y)</translation>
    </message>
    <message>
        <source>scanner&apos;s left</source>
        <translation>links am Gerät</translation>
    </message>
    <message>
        <source>probe mark</source>
        <translation>Sondenmarke</translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation>LIVE</translation>
    </message>
    <message>
        <source>REPLAY</source>
        <translation>WIEDERGABE</translation>
    </message>
    <message>
        <source>SIMULATED</source>
        <translation>SIMULATION</translation>
    </message>
    <message>
        <source>Research use only – not for clinical use</source>
        <translation>Nur für Forschung – nicht für klinischen Gebrauch</translation>
    </message>
    <message>
        <source>nerve</source>
        <translation>Nerv</translation>
    </message>
    <message>
        <source>artery</source>
        <translation>Arterie</translation>
    </message>
    <message>
        <source>vein</source>
        <translation>Vene</translation>
    </message>
    <message>
        <source>pleura</source>
        <translation>Pleura</translation>
    </message>
    <message>
        <source>bone</source>
        <translation>Knochen</translation>
    </message>
    <message>
        <source>fascia</source>
        <translation>Faszie</translation>
    </message>
    <message>
        <source>target</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>aim</source>
        <translation>Zielpunkt</translation>
    </message>
    <message>
        <source>avoid</source>
        <translation>meiden</translation>
    </message>
    <message>
        <source>both</source>
        <translation>beides</translation>
    </message>
    <message>
        <source>left</source>
        <translation>links</translation>
    </message>
    <message>
        <source>right</source>
        <translation>rechts</translation>
    </message>
    <message>
        <source>deep</source>
        <translation>tiefer</translation>
    </message>
    <message>
        <source>shallow</source>
        <translation>flacher</translation>
    </message>
    <message>
        <source>uncertain</source>
        <translation>unsicher</translation>
    </message>
    <message>
        <source>left the picture</source>
        <translation>aus dem Bild gelaufen</translation>
    </message>
    <message>
        <source>out of plane</source>
        <translation>aus der Ebene</translation>
    </message>
    <message>
        <source>steep</source>
        <translation>steil</translation>
    </message>
    <message>
        <source>shadow</source>
        <translation>Schatten</translation>
    </message>
    <message>
        <source>depth</source>
        <translation>Tiefe</translation>
    </message>
    <message>
        <source>low contrast</source>
        <translation>zu wenig Kontrast</translation>
    </message>
    <message>
        <source>hold</source>
        <translation>anhalten</translation>
    </message>
    <message>
        <source>on path</source>
        <translation>auf Kurs</translation>
    </message>
    <message>
        <source>no scale</source>
        <translation>kein Maßstab</translation>
    </message>
    <message>
        <source>path passes %1, no scale</source>
        <translation>Weg führt %1 vorbei, kein Maßstab</translation>
    </message>
    <message>
        <source>path passes %1 mm %2</source>
        <translation>Weg führt %1 mm %2 vorbei</translation>
    </message>
    <message>
        <source>path meets %1 in %2 mm</source>
        <translation>Weg trifft %1 in %2 mm</translation>
    </message>
    <message>
        <source>%1 is lost: not watched</source>
        <translation>%1 verloren: wird nicht überwacht</translation>
    </message>
    <message>
        <source>tip beyond %1</source>
        <translation>Spitze jenseits von %1</translation>
    </message>
    <message>
        <source>tip inside %1</source>
        <translation>Spitze in %1</translation>
    </message>
    <message>
        <source>needle beyond %1</source>
        <translation>Nadel jenseits von %1</translation>
    </message>
    <message>
        <source>needle inside %1</source>
        <translation>Nadel in %1</translation>
    </message>
    <message>
        <source>cross-section seen, tip or shaft</source>
        <translation>Querschnitt zu sehen, Spitze oder Schaft</translation>
    </message>
    <message>
        <source>cross-section not visible</source>
        <translation>Querschnitt nicht zu sehen</translation>
    </message>
    <message>
        <source>scale not verified: no millimetres</source>
        <translation>Maßstab nicht geprüft: keine Millimeter</translation>
    </message>
    <message>
        <source>disk: room for %1 min of recording</source>
        <translation>Platte: Platz für %1 min Aufnahme</translation>
    </message>
    <message>
        <source>recording: %1 frames lost</source>
        <translation>Aufnahme: %1 Bilder verloren</translation>
    </message>
    <message>
        <source>injecting, tip not visible</source>
        <translation>Injektion, Spitze nicht sichtbar</translation>
    </message>
    <message>
        <source>needle advances, tip not visible</source>
        <translation>Nadel geht vor, Spitze nicht sichtbar</translation>
    </message>
    <message>
        <source>injecting, no spread seen</source>
        <translation>Injektion, keine Ausbreitung zu sehen</translation>
    </message>
    <message>
        <source>%1 swells while injecting</source>
        <translation>%1 schwillt bei der Injektion</translation>
    </message>
    <message>
        <source>source lost</source>
        <translation>Quelle verloren</translation>
    </message>
    <message>
        <source>source lost: %1</source>
        <translation>Quelle verloren: %1</translation>
    </message>
    <message>
        <source>MIRRORED</source>
        <translation>GESPIEGELT</translation>
    </message>
    <message>
        <source>TURNED</source>
        <translation>GEDREHT</translation>
    </message>
    <message>
        <source>source %1</source>
        <translation>Quelle %1</translation>
    </message>
    <message>
        <source>source %1: %2</source>
        <translation>Quelle %1: %2</translation>
    </message>
    <message>
        <source>quiet</source>
        <translation>stumm</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>ausgefallen</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>tip may be %1 %2</source>
        <translation>Spitze vielleicht %1 %2</translation>
    </message>
    <message>
        <source>in</source>
        <translation>in</translation>
    </message>
    <message>
        <source>beyond</source>
        <translation>jenseits von</translation>
    </message>
    <message>
        <source>source quiet</source>
        <translation>Quelle stumm</translation>
    </message>
    <message>
        <source>source failed</source>
        <translation>Quelle ausgefallen</translation>
    </message>
    <message>
        <source>source failed: %1</source>
        <translation>Quelle ausgefallen: %1</translation>
    </message>
    <message>
        <source>opening the source</source>
        <translation>Quelle wird geöffnet</translation>
    </message>
    <message>
        <source>opening %1</source>
        <translation>öffnet %1</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>the recording has ended</source>
        <translation>die Aufnahme ist zu Ende</translation>
    </message>
    <message>
        <source>%1 lost</source>
        <translation>%1 verloren</translation>
    </message>
    <message>
        <source>%1 lost, %2</source>
        <translation>%1 verloren, %2</translation>
    </message>
    <message>
        <source>%1 late</source>
        <translation>%1 verspätet</translation>
    </message>
    <message>
        <source>%1 late, %2</source>
        <translation>%1 verspätet, %2</translation>
    </message>
    <message>
        <source>%1 untracked</source>
        <translation>%1 unverfolgt</translation>
    </message>
    <message>
        <source>%1 frozen</source>
        <translation>%1 eingefroren</translation>
    </message>
    <message>
        <source>%1 frozen, %2</source>
        <translation>%1 eingefroren, %2</translation>
    </message>
    <message>
        <source>%1 doubled</source>
        <translation>%1 doppelt</translation>
    </message>
    <message>
        <source>%1 doubled, %2</source>
        <translation>%1 doppelt, %2</translation>
    </message>
    <message>
        <source>%1 out of order</source>
        <translation>%1 in falscher Folge</translation>
    </message>
    <message>
        <source>%1 out of order, %2</source>
        <translation>%1 in falscher Folge, %2</translation>
    </message>
    <message>
        <source>%1 ms old</source>
        <translation>%1 ms alt</translation>
    </message>
    <message>
        <source>%1 s old</source>
        <translation>%1 s alt</translation>
    </message>
    <message>
        <source>%1 ms to screen</source>
        <translation>%1 ms bis zum Schirm</translation>
    </message>
    <message>
        <source>needle %1</source>
        <translation>Nadel %1</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>searching</source>
        <translation>gesucht</translation>
    </message>
    <message>
        <source>locked</source>
        <translation>erfasst</translation>
    </message>
    <message>
        <source>coasting</source>
        <translation>fortgeschrieben</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>verloren</translation>
    </message>
    <message>
        <source>%1 mm/px (%2)</source>
        <translation>%1 mm/px (%2)</translation>
    </message>
    <message>
        <source>%1 mm/px (%2, not verified)</source>
        <translation>%1 mm/px (%2, nicht geprüft)</translation>
    </message>
    <message>
        <source>device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>user</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>guess</source>
        <translation>geschätzt</translation>
    </message>
    <message>
        <source>dicom</source>
        <translation>DICOM</translation>
    </message>
    <message>
        <source>profile</source>
        <translation>Profil</translation>
    </message>
    <message>
        <source>ruler-accepted</source>
        <translation>Lineal, bestätigt</translation>
    </message>
    <message>
        <source>ruler-unaccepted</source>
        <translation>Lineal, unbestätigt</translation>
    </message>
    <message>
        <source>last %1 s kept</source>
        <translation>letzte %1 s behalten</translation>
    </message>
    <message>
        <source>not recording yet: image region not known</source>
        <translation>noch keine Aufnahme: Bildbereich nicht bekannt</translation>
    </message>
    <message>
        <source>INJECTING %1 s</source>
        <translation>INJEKTION %1 s</translation>
    </message>
    <message>
        <source>INJECTING %1 s, spread: %2</source>
        <translation>INJEKTION %1 s, Ausbreitung: %2</translation>
    </message>
    <message>
        <source>sound: %1</source>
        <translation>Ton: %1</translation>
    </message>
    <message>
        <source>alarms</source>
        <translation>Alarme</translation>
    </message>
    <message>
        <source>alarms and distance</source>
        <translation>Alarme und Abstand</translation>
    </message>
    <message>
        <source>sound needs pygame-ce (pip install &quot;rtguide[sound]&quot;)</source>
        <translation>Ton braucht pygame-ce (pip install &quot;rtguide[sound]&quot;)</translation>
    </message>
    <message>
        <source>no sound: no loudspeaker (%1); connect one, or press F2 until sound is off</source>
        <translation>kein Ton: kein Lautsprecher (%1); einen anschließen, oder F2 drücken bis der Ton aus ist</translation>
    </message>
    <message>
        <source>STUDY seed %1: %2 attempts so far</source>
        <translation>STUDIE %1: bisher %2 Versuche</translation>
    </message>
    <message>
        <source>STUDY attempt %1: %2</source>
        <translation>STUDIE Versuch %1: %2</translation>
    </message>
    <message>
        <source>STUDY: %1</source>
        <translation>STUDIE: %1</translation>
    </message>
    <message>
        <source>overlay</source>
        <translation>mit Einblendung</translation>
    </message>
    <message>
        <source>no overlay</source>
        <translation>ohne Einblendung</translation>
    </message>
    <message>
        <source>PLAN</source>
        <translation>PLAN</translation>
    </message>
    <message>
        <source>PLAN %1</source>
        <translation>PLAN %1</translation>
    </message>
    <message>
        <source>STOP %1</source>
        <translation>STOPP %1</translation>
    </message>
    <message>
        <source>GUIDE %1</source>
        <translation>FÜHREN %1</translation>
    </message>
    <message>
        <source>DONE %1</source>
        <translation>FERTIG %1</translation>
    </message>
    <message>
        <source>INJECTING %1</source>
        <translation>INJEKTION %1</translation>
    </message>
    <message>
        <source>%1 of %2 ml (%3)</source>
        <translation>%1 von %2 ml (%3)</translation>
    </message>
    <message>
        <source>OVER %1 of %2 ml (%3)</source>
        <translation>ÜBER %1 von %2 ml (%3)</translation>
    </message>
    <message>
        <source>note: %1</source>
        <translation>Hinweis: %1</translation>
    </message>
    <message>
        <source>%1  (+%2)</source>
        <translation>%1  (+%2)</translation>
    </message>
    <message>
        <source>drag a box or click: a structure, the aim</source>
        <translation>Kasten ziehen oder klicken: Struktur, Zielpunkt</translation>
    </message>
    <message>
        <source>click on the needle, or draw it from its entry to its tip</source>
        <translation>auf die Nadel klicken, oder sie vom Einstich zur Spitze ziehen</translation>
    </message>
    <message>
        <source>pointed at: a needle is believed there sooner</source>
        <translation>gezeigt: einer Nadel wird dort eher geglaubt</translation>
    </message>
    <message>
        <source>Esc ends</source>
        <translation>Esc beendet</translation>
    </message>
    <message>
        <source>W takes the whole frame</source>
        <translation>W nimmt das ganze Bild</translation>
    </message>
    <message>
        <source>compiled kernels cannot be kept: every start takes minutes; rtguide doctor says which folder to mend</source>
        <translation>übersetzter Code kann nicht behalten werden: jeder Start dauert Minuten; rtguide doctor nennt den Ordner</translation>
    </message>
    <message>
        <source>the disk is full but for a reserve; free space, or record to another disk</source>
        <translation>die Platte ist bis auf eine Reserve voll; Platz schaffen oder anderswo aufnehmen</translation>
    </message>
    <message>
        <source>the disk has room for %1 more minutes of recording: free space soon</source>
        <translation>die Platte reicht noch für %1 Minuten Aufnahme: bald Platz schaffen</translation>
    </message>
    <message>
        <source>recording stopped: %1</source>
        <translation>Aufnahme beendet: %1</translation>
    </message>
    <message>
        <source>not recording: %1</source>
        <translation>keine Aufnahme: %1</translation>
    </message>
    <message>
        <source>capture stopped: %1</source>
        <translation>Bildeinzug beendet: %1</translation>
    </message>
    <message>
        <source>the tracker failed and was restarted, mark structures again: %1</source>
        <translation>die Verfolgung fiel aus und begann neu, bitte neu markieren: %1</translation>
    </message>
    <message>
        <source>the picture&apos;s place or scale has changed: what was marked is forgotten, mark it again</source>
        <translation>Lage oder Maßstab des Bildes haben sich geändert: bitte neu markieren</translation>
    </message>
    <message>
        <source>aspirated clear</source>
        <translation>aspiriert, klar</translation>
    </message>
    <message>
        <source>aspirated blood</source>
        <translation>aspiriert, Blut</translation>
    </message>
    <message>
        <source>injected</source>
        <translation>injiziert</translation>
    </message>
    <message>
        <source>injected %1</source>
        <translation>injiziert %1</translation>
    </message>
    <message>
        <source>test bolus</source>
        <translation>Testbolus</translation>
    </message>
    <message>
        <source>test bolus %1</source>
        <translation>Testbolus %1</translation>
    </message>
    <message>
        <source>paraesthesia</source>
        <translation>Parästhesie</translation>
    </message>
    <message>
        <source>twitch</source>
        <translation>Zuckung</translation>
    </message>
    <message>
        <source>twitch %1</source>
        <translation>Zuckung %1</translation>
    </message>
    <message>
        <source>pressure high</source>
        <translation>Druck hoch</translation>
    </message>
    <message>
        <source>bookmark</source>
        <translation>Lesezeichen</translation>
    </message>
    <message>
        <source>note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>✓ %1</source>
        <translation>✓ %1</translation>
    </message>
    <message>
        <source>%1 ml in all</source>
        <translation>%1 ml insgesamt</translation>
    </message>
    <message>
        <source>%1 (not recorded)</source>
        <translation>%1 (nicht aufgenommen)</translation>
    </message>
    <message>
        <source>%1 – not recorded</source>
        <translation>%1 – nicht aufgenommen</translation>
    </message>
    <message>
        <source>block and side said aloud</source>
        <translation>Block und Seite laut gesagt</translation>
    </message>
    <message>
        <source>site mark seen</source>
        <translation>Markierung der Stelle gesehen</translation>
    </message>
    <message>
        <source>marked edge touched: that side moves</source>
        <translation>markierte Kante berührt: diese Seite bewegt sich</translation>
    </message>
    <message>
        <source>choose the block</source>
        <translation>Block wählen</translation>
    </message>
    <message>
        <source>choose the side</source>
        <translation>Seite wählen</translation>
    </message>
    <message>
        <source>tick: %1</source>
        <translation>abhaken: %1</translation>
    </message>
    <message>
        <source>LEFT SIDE</source>
        <translation>LINKE SEITE</translation>
    </message>
    <message>
        <source>RIGHT SIDE</source>
        <translation>RECHTE SEITE</translation>
    </message>
    <message>
        <source>STOP</source>
        <translation>STOPP</translation>
    </message>
    <message>
        <source>not marked, not watched: %1</source>
        <translation>nicht markiert, nicht überwacht: %1</translation>
    </message>
    <message>
        <source>○ is not marked: it is not watched</source>
        <translation>○ ist nicht markiert: es wird nicht überwacht</translation>
    </message>
    <message>
        <source>recorded in %1</source>
        <translation>aufgenommen in %1</translation>
    </message>
    <message>
        <source>not recorded</source>
        <translation>nicht aufgenommen</translation>
    </message>
    <message>
        <source>events: %1 · injected: %2 ml</source>
        <translation>Ereignisse: %1 · injiziert: %2 ml</translation>
    </message>
    <message>
        <source>left side</source>
        <translation>linke Seite</translation>
    </message>
    <message>
        <source>right side</source>
        <translation>rechte Seite</translation>
    </message>
    <message>
        <source>target usually %1–%2 mm deep</source>
        <translation>Ziel meist %1–%2 mm tief</translation>
    </message>
    <message>
        <source>%1–%2° to the probe</source>
        <translation>%1–%2° zur Sonde</translation>
    </message>
    <message>
        <source>in plane</source>
        <translation>in der Ebene</translation>
    </message>
    <message>
        <source>Nerve</source>
        <translation>Nerv</translation>
    </message>
    <message>
        <source>Artery</source>
        <translation>Arterie</translation>
    </message>
    <message>
        <source>Vein</source>
        <translation>Vene</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>Aim</source>
        <translation>Zielpunkt</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Markieren</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Seen</source>
        <translation>Gesehen</translation>
    </message>
    <message>
        <source>Inject</source>
        <translation>Injektion</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Verbergen</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Hands</source>
        <translation>Hände</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Paths</source>
        <translation>Wege</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>Langsamer</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>Schneller</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>Schleife</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Zeichnen</translation>
    </message>
    <message>
        <source>Align</source>
        <translation>Angleichen</translation>
    </message>
    <message>
        <source>pedal</source>
        <translation>Pedal</translation>
    </message>
    <message>
        <source>Demo: femoral block</source>
        <translation>Demo: Femoralisblock</translation>
    </message>
    <message>
        <source>Session %1</source>
        <translation>Sitzung %1</translation>
    </message>
    <message>
        <source>a procedure: plan and stop, then again Y: done, note, save</source>
        <translation>ein Eingriff: Plan und Stopp, dann wieder Y: fertig, Notiz, sichern</translation>
    </message>
    <message>
        <source>which agent is injected: the next of yours</source>
        <translation>welches Mittel injiziert wird: das nächste der eigenen</translation>
    </message>
    <message>
        <source>point at the needle: click on it, or draw it from entry to tip</source>
        <translation>auf die Nadel zeigen: klicken, oder vom Einstich zur Spitze ziehen</translation>
    </message>
    <message>
        <source>mark: drag around a structure, or click in it; click elsewhere: aim</source>
        <translation>markieren: um Struktur ziehen oder hineinklicken; sonst: Ziel</translation>
    </message>
    <message>
        <source>forget every mark</source>
        <translation>alle Markierungen vergessen</translation>
    </message>
    <message>
        <source>look for a needle that crosses the plane, and again for one in it</source>
        <translation>eine Nadel quer zur Ebene suchen, und wieder eine darin</translation>
    </message>
    <message>
        <source>start or stop recording</source>
        <translation>Aufnahme beginnen oder beenden</translation>
    </message>
    <message>
        <source>open another source</source>
        <translation>andere Quelle öffnen</translation>
    </message>
    <message>
        <source>take note of every alarm that stands: it no longer flashes</source>
        <translation>alle Alarme zur Kenntnis nehmen: sie blinken nicht mehr</translation>
    </message>
    <message>
        <source>injecting begins, and ends</source>
        <translation>Injektion beginnt und endet</translation>
    </message>
    <message>
        <source>aspirated, clear</source>
        <translation>aspiriert, klar</translation>
    </message>
    <message>
        <source>aspirated, blood</source>
        <translation>aspiriert, Blut</translation>
    </message>
    <message>
        <source>injected: + and − set the amount right</source>
        <translation>injiziert: + und − berichtigen die Menge</translation>
    </message>
    <message>
        <source>a test bolus: + and − likewise</source>
        <translation>ein Testbolus: + und − ebenso</translation>
    </message>
    <message>
        <source>the patient feels it</source>
        <translation>der Patient spürt es</translation>
    </message>
    <message>
        <source>twitch: + and − set the current right</source>
        <translation>Zuckung: + und − berichtigen den Strom</translation>
    </message>
    <message>
        <source>injection pressure high</source>
        <translation>Injektionsdruck hoch</translation>
    </message>
    <message>
        <source>a bookmark</source>
        <translation>ein Lesezeichen</translation>
    </message>
    <message>
        <source>a note: type it, Enter keeps it with the time of the press</source>
        <translation>eine Notiz: tippen, Enter behält sie mit der Zeit des Drucks</translation>
    </message>
    <message>
        <source>one step more than was just said</source>
        <translation>eine Stufe mehr als eben gesagt</translation>
    </message>
    <message>
        <source>one step less</source>
        <translation>eine Stufe weniger</translation>
    </message>
    <message>
        <source>buttons for events, and what was said</source>
        <translation>Knöpfe für Ereignisse, und was gesagt wurde</translation>
    </message>
    <message>
        <source>straight paths clear of what is marked; a click picks</source>
        <translation>gerade Wege frei von Markiertem; ein Klick wählt</translation>
    </message>
    <message>
        <source>pick the next path</source>
        <translation>den nächsten Weg wählen</translation>
    </message>
    <message>
        <source>pick the one before</source>
        <translation>den vorigen wählen</translation>
    </message>
    <message>
        <source>sound: of alarms, of the distance too, off</source>
        <translation>Ton: der Alarme, auch des Abstands, aus</translation>
    </message>
    <message>
        <source>hide every overlay: the untouched picture</source>
        <translation>alles verbergen: das unberührte Bild</translation>
    </message>
    <message>
        <source>plots: frame age, tip depth, distance, confidence</source>
        <translation>Kurven: Bildalter, Tiefe der Spitze, Abstand, Sicherheit</translation>
    </message>
    <message>
        <source>the untouched picture beside the overlay</source>
        <translation>das unberührte Bild neben der Einblendung</translation>
    </message>
    <message>
        <source>a second view on another screen; again: untouched; again: none</source>
        <translation>zweite Ansicht, auf anderem Schirm; unberührt; keine</translation>
    </message>
    <message>
        <source>full screen, and back</source>
        <translation>Vollbild, und zurück</translation>
    </message>
    <message>
        <source>the picture left to right, as seen from the other side</source>
        <translation>Bild seitenverkehrt, wie von der anderen Seite</translation>
    </message>
    <message>
        <source>the picture upside down, as seen from across</source>
        <translation>Bild auf dem Kopf, wie von gegenüber</translation>
    </message>
    <message>
        <source>millimetres: read this screen&apos;s ruler, look, accept, keep</source>
        <translation>Millimeter: Lineal dieses Schirms lesen, ansehen, bestätigen</translation>
    </message>
    <message>
        <source>take the whole frame as the image region</source>
        <translation>das ganze Bild als Bildbereich nehmen</translation>
    </message>
    <message>
        <source>take probe and needle of a simulated patient in hand</source>
        <translation>Sonde und Nadel eines simulierten Patienten führen</translation>
    </message>
    <message>
        <source>settings: language, size of words, high contrast</source>
        <translation>Einstellungen: Sprache, Schriftgröße, Kontrast</translation>
    </message>
    <message>
        <source>about: versions, licence, notice</source>
        <translation>über rtguide: Versionen, Lizenz, Hinweis</translation>
    </message>
    <message>
        <source>this list</source>
        <translation>diese Liste</translation>
    </message>
    <message>
        <source>In a procedure (Y) Enter goes on: ticks the next item, confirms, begins and ends injecting; Esc goes back.</source>
        <translation>Im Eingriff (Y) geht Enter weiter: hakt ab, bestätigt, beginnt und beendet die Injektion; Esc geht zurück.</translation>
    </message>
    <message>
        <source>With a simulated patient in hand (P), a panel beside the picture says which keys move probe and needle.</source>
        <translation>Bei simuliertem Patienten (P) sagt eine Tafel neben dem Bild, welche Tasten Sonde und Nadel bewegen.</translation>
    </message>
    <message>
        <source>Dragging a box marks a structure at any time; while marking (M) a click proposes its outline, or aims.</source>
        <translation>Ein gezogener Kasten markiert jederzeit; beim Markieren (M) schlägt ein Klick den Umriss vor oder zielt.</translation>
    </message>
    <message>
        <source>Solid lines are measured in this frame, dashed ones carried on; hollow ones are old.</source>
        <translation>Durchgezogene Linien sind in diesem Bild gemessen, gestrichelte fortgeschrieben; hohle sind alt.</translation>
    </message>
    <message>
        <source>A double outline is a nerve to reach beside, a barbed one is kept out of.</source>
        <translation>Doppelter Umriss: ein Nerv, an den man heranführt; mit Zacken: zu meiden.</translation>
    </message>
    <message>
        <source>play or pause</source>
        <translation>abspielen oder anhalten</translation>
    </message>
    <message>
        <source>one frame back</source>
        <translation>ein Bild zurück</translation>
    </message>
    <message>
        <source>one frame on</source>
        <translation>ein Bild weiter</translation>
    </message>
    <message>
        <source>slower: ×0.1 at least</source>
        <translation>langsamer: bis ×0.1</translation>
    </message>
    <message>
        <source>faster: ×8 at most</source>
        <translation>schneller: bis ×8</translation>
    </message>
    <message>
        <source>loop what [ and ] or Shift and the mouse chose; again: no loop</source>
        <translation>Schleife über das mit [ und ] oder Umschalt und Maus Gewählte; nochmals: keine</translation>
    </message>
    <message>
        <source>the loop begins here</source>
        <translation>die Schleife beginnt hier</translation>
    </message>
    <message>
        <source>the loop ends here</source>
        <translation>die Schleife endet hier</translation>
    </message>
    <message>
        <source>to the next event or mark</source>
        <translation>zum nächsten Ereignis oder Zeichen</translation>
    </message>
    <message>
        <source>to the one before</source>
        <translation>zum vorigen</translation>
    </message>
    <message>
        <source>hide the second camera&apos;s picture, and show it again</source>
        <translation>Bild der zweiten Kamera verbergen und wieder zeigen</translation>
    </message>
    <message>
        <source>the loop begins here (or Shift and the mouse)</source>
        <translation>die Schleife beginnt hier (oder Umschalt und Maus)</translation>
    </message>
    <message>
        <source>loop all of it, or give the loop up</source>
        <translation>Schleife über alles, oder keine mehr</translation>
    </message>
    <message>
        <source>bookmark this frame</source>
        <translation>Lesezeichen an dieses Bild</translation>
    </message>
    <message>
        <source>write a note to this frame</source>
        <translation>Notiz zu diesem Bild</translation>
    </message>
    <message>
        <source>draw on the picture with the mouse</source>
        <translation>mit der Maus auf das Bild zeichnen</translation>
    </message>
    <message>
        <source>take back what was added last</source>
        <translation>das zuletzt Ergänzte zurücknehmen</translation>
    </message>
    <message>
        <source>remove what was added to this frame</source>
        <translation>das zu diesem Bild Ergänzte entfernen</translation>
    </message>
    <message>
        <source>two sessions: align them by the next event that both have</source>
        <translation>zwei Sitzungen: am nächsten gemeinsamen Ereignis angleichen</translation>
    </message>
    <message>
        <source>two sessions: the second one frame earlier</source>
        <translation>zwei Sitzungen: die zweite ein Bild früher</translation>
    </message>
    <message>
        <source>two sessions: the second one frame later</source>
        <translation>zwei Sitzungen: die zweite ein Bild später</translation>
    </message>
    <message>
        <source>two sessions: mark, note and draw on the other</source>
        <translation>zwei Sitzungen: auf der anderen markieren, notieren, zeichnen</translation>
    </message>
    <message>
        <source>to the first frame</source>
        <translation>zum ersten Bild</translation>
    </message>
    <message>
        <source>to the last frame</source>
        <translation>zum letzten Bild</translation>
    </message>
    <message>
        <source>Timeline: click or drag to go there, Shift and drag for a loop, wheel to look closer, right button to move it, double-click for all of it; rest on it to read what was then.</source>
        <translation>Zeitleiste: klicken oder ziehen führt dorthin, Umschalt und ziehen macht eine Schleife, Rad vergrößert, rechte Taste verschiebt, Doppelklick zeigt alles; verweilen sagt, was da war.</translation>
    </message>
    <message>
        <source>%1 s of %2 s</source>
        <translation>%1 s von %2 s</translation>
    </message>
    <message>
        <source>loop %1–%2 s</source>
        <translation>Schleife %1–%2 s</translation>
    </message>
    <message>
        <source>frame %1 of %2</source>
        <translation>Bild %1 von %2</translation>
    </message>
    <message>
        <source>aligned by %1 s</source>
        <translation>um %1 s angeglichen</translation>
    </message>
    <message>
        <source>Needle</source>
        <translation>Nadel</translation>
    </message>
    <message>
        <source>Probe</source>
        <translation>Sonde</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Game pad</source>
        <translation>Gamepad</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Umschalt</translation>
    </message>
    <message>
        <source>advance · withdraw</source>
        <translation>vor · zurück</translation>
    </message>
    <message>
        <source>steeper · flatter</source>
        <translation>steiler · flacher</translation>
    </message>
    <message>
        <source>swing out of the slice</source>
        <translation>aus der Schicht schwenken</translation>
    </message>
    <message>
        <source>inject</source>
        <translation>injizieren</translation>
    </message>
    <message>
        <source>slide across</source>
        <translation>quer schieben</translation>
    </message>
    <message>
        <source>shift along</source>
        <translation>längs schieben</translation>
    </message>
    <message>
        <source>tilt</source>
        <translation>kippen</translation>
    </message>
    <message>
        <source>rock</source>
        <translation>wiegen</translation>
    </message>
    <message>
        <source>lean on it</source>
        <translation>andrücken</translation>
    </message>
    <message>
        <source>back to the start</source>
        <translation>zurück zum Anfang</translation>
    </message>
    <message>
        <source>let go</source>
        <translation>loslassen</translation>
    </message>
    <message>
        <source>needle: along, across</source>
        <translation>Nadel: längs, quer</translation>
    </message>
    <message>
        <source>probe: shift, slide</source>
        <translation>Sonde: längs, quer</translation>
    </message>
    <message>
        <source>wheel</source>
        <translation>Rad</translation>
    </message>
    <message>
        <source>keys: slow; right: rock, tilt; wheel: swing</source>
        <translation>Tasten: langsam; rechts: wiegen, kippen; Rad: schwenken</translation>
    </message>
    <message>
        <source>held by tissue</source>
        <translation>vom Gewebe gehalten</translation>
    </message>
    <message>
        <source>tissue gives</source>
        <translation>Gewebe gibt nach</translation>
    </message>
    <message>
        <source>left stick</source>
        <translation>linker Stick</translation>
    </message>
    <message>
        <source>right stick</source>
        <translation>rechter Stick</translation>
    </message>
    <message>
        <source>cross</source>
        <translation>Kreuz</translation>
    </message>
    <message>
        <source>shoulders</source>
        <translation>Schultertasten</translation>
    </message>
    <message>
        <source>triggers</source>
        <translation>Trigger</translation>
    </message>
    <message>
        <source>lower, Start</source>
        <translation>untere, Start</translation>
    </message>
    <message>
        <source>slide · tilt</source>
        <translation>quer · kippen</translation>
    </message>
    <message>
        <source>advance · steeper</source>
        <translation>vor · steiler</translation>
    </message>
    <message>
        <source>shift · swing</source>
        <translation>längs · schwenken</translation>
    </message>
    <message>
        <source>lean · inject</source>
        <translation>andrücken · injizieren</translation>
    </message>
    <message>
        <source>slow · restart</source>
        <translation>langsam · von vorn</translation>
    </message>
    <message>
        <source>for a game pad: pip install rtguide[gamepad]</source>
        <translation>für ein Gamepad: pip install rtguide[gamepad]</translation>
    </message>
    <message>
        <source>none plugged in</source>
        <translation>keines angesteckt</translation>
    </message>
    <message>
        <source>%1 of %2 mm</source>
        <translation>%1 von %2 mm</translation>
    </message>
    <message>
        <source>Compiling kernels, once for this version</source>
        <translation>Übersetzen, einmal für diese Version</translation>
    </message>
    <message>
        <source>Tracking %1 anew</source>
        <translation>%1 wird neu verfolgt</translation>
    </message>
    <message>
        <source>%1  (%2 of %3)</source>
        <translation>%1  (%2 von %3)</translation>
    </message>
    <message>
        <source>Drag the slider to go anywhere.</source>
        <translation>Der Schieber führt überallhin.</translation>
    </message>
</context>
</TS>
