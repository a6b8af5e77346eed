  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_1 $list_0)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (if (result i32) ;; label = @1
          (if (result i32) ;; label = @1
            (i32.ne
              (i32.load offset=132
                (local.get $frame))
              (i32.const 0))
            (then
              (i32.ne
                (call $tag
                  (select
                    (i32.add
                      (local.tee 2
                        (i32.load offset=132
                          (local.get $frame)))
                      (local.get $frame))
                    (i32.const 0)
                    (local.get 2))
                  (i32.const 40)
                  (i32.const 1024))
                (i32.const 0)))
            (else
              (i32.const 0)))
          (then
            (i32.load8_u offset=24
              (call $tag
                (i32.add
                  (i32.load offset=132
                    (local.get $frame))
                  (local.get $frame))
                (i32.const 40)
                (i32.const 1024))))
          (else
            (i32.const 0)))
        (then
          (i64.eq
            (i64.load offset=16
              (call $tag
                (i32.add
                  (i32.load offset=132
                    (local.get $frame))
                  (local.get $frame))
                (i32.const 40)
                (i32.const 1024)))
            (i64.const 3)))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\01\00\00\00\08\00\00\00\00\00\00\00k\00\00\00\00\00\00\00")
